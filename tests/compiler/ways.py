# SPDX-License-Identifier: Apache-2.0
"""A model compiled in every way that the compiler chooses from."""

from itertools import chain

from soundpost.compiler.compile import Compiled, compile_network
from soundpost.compiler.fold import fold_padding
from soundpost.compiler.fuse import fuse
from soundpost.compiler.lowering import lower
from soundpost.compiler.plan import make_plan
from soundpost.compiler.reader import parse
from soundpost.compiler.stream.compile import Streamed, forms
from soundpost.compiler.stream.rows import CannotStreamError


def every_way(model: bytes) -> list[Compiled]:
    """The model with each way of each step, the others as they come."""
    graph = fold_padding(parse(model, "model"))
    lowered, views = lower(graph)
    steps = fuse(graph, lowered, views)
    found = [Compiled(graph, tuple(steps), make_plan(graph, steps, views))]
    for i, step in enumerate(steps):
        for way in step.others:
            tried = [*steps[:i], way, *steps[i + 1 :]]
            found.append(Compiled(graph, tuple(tried), make_plan(graph, tried, views)))
    return found


def streamed_forms(model: bytes) -> list[Streamed]:
    """Every streaming form of the model, if it has any."""
    try:
        return list(chain.from_iterable(forms(compile_network(model))))
    except CannotStreamError:
        return []
