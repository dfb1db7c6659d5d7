"""The chapters in Chinese: each module has a ``TITLE`` and ``TEXTS``, from the English template to the Chinese one with the same placeholders."""
