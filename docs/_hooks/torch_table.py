def markdown(): return ""
