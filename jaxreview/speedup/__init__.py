"""The main job: the same work in five forms, on real data, with equal outputs, and what each form costs.

``data`` knows the real data, ``forms`` builds the forms of one row and holds their outputs against each other, ``timing`` samples them in turn,
``run`` does that for one primitive after another, ``result`` is what is kept, ``table`` and ``plot`` show it. The command line is in ``jaxreview.cli``.
"""
