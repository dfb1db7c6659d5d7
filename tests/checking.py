"""What holds every call in the suite against its annotations: beartype, with an int where a float is asked for, as typing has it."""

from beartype import BeartypeConf, beartype

typechecked = beartype(conf=BeartypeConf(is_pep484_tower=True))
