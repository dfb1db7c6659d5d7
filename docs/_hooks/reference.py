"""The reference: a page for each family, with signature, docstring, proof, speed and, folded, the defining loop of every function."""

import ast
import importlib
import inspect
import textwrap
from collections import Counter

import differentiability
import jax
import measured
import optax

from jaxreview import gradcheck, weights
from jaxreview.cases import FAMILIES, primitives

# Where functions that are not ours may come from, and where their documentation is.
ELSEWHERE = (
    (jax.nn, "jax.nn", "https://docs.jax.dev/en/latest/_autosummary/jax.nn.{}.html"),
    (jax.nn.initializers, "jax.nn.initializers", "https://docs.jax.dev/en/latest/_autosummary/jax.nn.initializers.{}.html"),
    (optax.losses, "optax.losses", "https://optax.readthedocs.io/en/latest/api/losses.html"),
)
DOTTED = ("losses", "initializers", "distances", "descent", "detection")
OTHERS = {"gradcheck": gradcheck, "weights": weights}


def nav():
    """The entries of the reference in the navigation."""
    return ["reference/index.md", {"Differentiable how often": "differentiability.md"}, *({name: f"reference/{name}.md"} for name in (*FAMILIES, *OTHERS))]


def pages():
    """Every page of the reference by its place."""
    made = {f"reference/{family}.md": family_page(family) for family in FAMILIES}
    made |= {f"reference/{name}.md": module_page(module) for name, module in OTHERS.items()}
    return {"reference/index.md": index_page(), **made}


def counts():
    """How much there is, in a sentence."""
    loops = sum(primitive.loop is not None for primitive in primitives())
    rows = sum(len(primitive.cases) for primitive in primitives())
    return f"{len(primitives())} functions in {len(FAMILIES)} families, {loops} of them with a defining loop, held by {rows} rows of cases"


def index_page():
    """All families with the names of their functions."""
    lines = ["# Reference", "", f"{counts()}. [Which one is differentiable how often](../differentiability.md) has a page of its own.", ""]
    for family in FAMILIES:
        module = family_module(family)
        own = [primitive for primitive in primitives() if primitive.family == family]
        lines += [f"## [{family}]({family}.md)", "", inspect.getdoc(module).splitlines()[0], ""]
        lines += [" · ".join(f"[`{primitive.public}`]({family}.md#{anchor(primitive)})" for primitive in own), ""]
    for name, module in OTHERS.items():
        lines += [f"## [{name}]({name}.md)", "", inspect.getdoc(module).splitlines()[0], ""]
    return "\n".join(lines)


def family_module(family):
    """The family's module."""
    return importlib.import_module(f"jaxreview.{family}")


def family_page(family):
    """The functions of a family and the tuples that they give."""
    module = family_module(family)
    own = [primitive for primitive in primitives() if primitive.family == family]
    where = f"`from jaxreview import {family}`" if family in DOTTED else "`import jaxreview as jr`: every name here is `jr.name`"
    lines = [f"# {family}", "", inspect.getdoc(module).split("\n\n")[0], "", f"{where}.", ""]
    for primitive in own:
        lines += [function_part(primitive), ""]
    for name in module.__all__:
        if inspect.isclass(getattr(module, name)):
            lines += [class_part(getattr(module, name), f"jaxreview.{family}.{name}"), ""]
    return "\n".join(lines)


def module_page(module):
    """The public functions and classes of a module that is no family."""
    name = module.__name__
    lines = [f"# {name.rpartition('.')[2]}", "", inspect.getdoc(module).split("\n\n")[0], ""]
    public = {one: getattr(module, one) for one in module.__all__}
    lines += [f"::: {name}.{one}\n" for one, value in public.items() if inspect.isfunction(value)]
    lines += [class_part(value, f"{name}.{one}") for one, value in public.items() if inspect.isclass(value)]
    return "\n".join(lines)


def class_part(one, name):
    """A class: what it is, its fields as they are written, its methods."""
    (definition,) = ast.parse(textwrap.dedent(inspect.getsource(one))).body
    fields = [node for node in definition.body if isinstance(node, ast.AnnAssign)]
    methods = [node.name for node in definition.body if isinstance(node, ast.FunctionDef) and not node.name.startswith("_")]
    options = f"    options:\n      members: {methods or 'false'}\n      show_bases: false\n      show_signature: {str(bool(methods)).lower()}\n"
    block = ["```python", f"{one.__name__}:", *(f"    {ast.unparse(field)}" for field in fields), "```", ""] if fields else []
    return "\n".join([f"::: {name}", options, *block])


def function_part(primitive):
    """One function: what mkdocstrings makes of it, or where it comes from; proof and speed; its loop."""
    ours = inspect.unwrap(primitive.function).__module__.startswith("jaxreview")
    head = f"::: jaxreview.{primitive.family}.{primitive.public}" if ours else _foreign(primitive)
    other = [f"Also: {', '.join(f'`{name}`' for name in primitive.aliases)}.", ""] if primitive.aliases else []
    return "\n".join([head, "", *other, *_proof(primitive), "", *_loop(primitive)])


def anchor(primitive):
    """Where on its page a function stands."""
    return f"jaxreview.{primitive.family}.{primitive.public}"


def home(function, public):
    """The name of a function that is not ours where it comes from, and its documentation.

    Raises:
        LookupError: it comes from none of the places that are known.
    """
    for module, name, address in ELSEWHERE:
        for candidate in (public, getattr(function, "__name__", public)):
            if getattr(module, candidate, None) is function:
                return f"{name}.{candidate}", address.format(candidate)
    raise LookupError(f"reference: {public} is neither ours nor of {', '.join(name for _, name, _ in ELSEWHERE)}")


def _foreign(primitive):
    full, address = home(primitive.function, primitive.public)
    about = inspect.getdoc(primitive.loop) if primitive.loop else ""
    lines = [f"## {primitive.public} {{ #{anchor(primitive)} .doc .doc-heading }}", "", "```python", _signature(primitive), "```", ""]
    lines += [f"[`{full}`]({address}), unchanged.", ""]
    return "\n".join([*lines, *([about.split("\n\n")[0]] if about else [])])


def _signature(primitive):
    parameters, star = [], False
    for parameter in inspect.signature(primitive.function).parameters.values():
        if parameter.kind is parameter.KEYWORD_ONLY and not star:
            parameters.append("*")
            star = True
        parameters.append(str(parameter.replace(annotation=parameter.empty)))
    return f"{primitive.public}({', '.join(parameters)})"


def _proof(primitive):
    """What the rows hold and what was measured, in a line each."""
    lines = [f"- **Gradient:** {differentiability.sentence(primitive)}"]
    speed = measured.sentence(primitive)
    return [*lines, *([f"- **Speed:** {speed}"] if speed else [])]


def _loop(primitive):
    if primitive.loop is None:
        return [f"- **No loop:** {primitive.no_loop}.", ""]
    code = textwrap.indent("\n\n\n".join(sources(primitive.loop)), "    ")
    return ['??? abstract "The loop that defines it"', "", f'    ```python title="{primitive.loop.__module__}"', code, "    ```", ""]


def fenced(name, *, title):
    """The loop of a function as a block of code."""
    loop = next(primitive.loop for primitive in primitives() if primitive.name == name)
    code = "\n\n\n".join(sources(loop))
    return f'```python title="{title}"\nimport numpy as np\n\n{code}\n```'


def sources(function):
    """The source of a loop after that of the loops' own functions that it calls, each once."""
    found: dict[str, str] = {}

    def visit(one):
        one = inspect.unwrap(one)
        if one.__qualname__ in found:
            return
        found[one.__qualname__] = ""
        source = inspect.getsource(one)
        for name in Counter(node.id for node in ast.walk(ast.parse(textwrap.dedent(source))) if isinstance(node, ast.Name)):
            other = one.__globals__.get(name)
            if inspect.isfunction(other) and other.__module__.startswith("jaxreview.loops"):
                visit(other)
        # What it calls was put before it.
        del found[one.__qualname__]
        found[one.__qualname__] = source.rstrip()

    visit(function)
    return list(found.values())
