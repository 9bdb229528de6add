"""Owns the best assignment on bare numbers: rows to columns, each edge with a whole cost.

Exact: the prices that come with it prove it. It knows nothing of orders and nurses.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, Final, NamedTuple, TypeAlias

import numpy as np

from matching.compiled import kernel

# Lists where kernels are interpreted, arrays where they are compiled.
Ints: TypeAlias = Any

NONE: Final = -1
FAR: Final = 1 << 60
# From here on machine code is worth its import.
COMPILE_FROM_EDGES: Final = 40_000
# The steps of the auction, as divisors of the range of the costs, and the bids of a row in each.
DIVISORS: Final = (16, 128)
BIDS: Final = 10


class Graph(NamedTuple):
    """Edges by row: those of row i stand from `first[i]` to `first[i + 1]`, the cheapest first.

    `empty` is what it costs to leave a row without a column. All numbers are whole and not
    negative, and the sum of all costs stays far below 2**60.
    """

    first: Ints
    column: Ints
    cost: Ints
    empty: Ints
    columns: int


class Optimum(NamedTuple):
    """`mate`: the column of each row, or NONE. `price`: what each column is worth to the rows."""

    mate: Ints
    price: Ints


class _ByColumn(NamedTuple):
    """The same edges again, by column."""

    first: Ints
    row: Ints
    cost: Ints


class _State(NamedTuple):
    """`due` is what each row pays: the least of its costs with prices, and of staying empty."""

    mate: Ints
    holder: Ints
    price: Ints
    due: Ints


class _Room(NamedTuple):
    """Where a search keeps its notes. `length` is FAR wherever no search is under way."""

    rows: Ints
    length: Ints
    came_from: Ints
    settled: Ints
    touched: Ints
    keys: Ints
    values: Ints


def graph(edges: Sequence[Sequence[tuple[int, int]]], empty: Sequence[int], columns: int) -> Graph:
    """From the (column, cost) pairs of each row, in any order."""
    first, column, cost = [0], list[int](), list[int]()
    for pairs in edges:
        for whole, at in sorted((whole, at) for at, whole in pairs):
            column.append(at)
            cost.append(whole)
        first.append(len(column))
    if len(column) < COMPILE_FROM_EDGES:
        return Graph(first, column, cost, list(empty), columns)
    return Graph(
        np.array(first), np.array(column, np.int32), np.array(cost), np.array(empty), columns
    )


def graph_of_arrays(row: Ints, column: Ints, cost: Ints, empty: Ints, columns: int) -> Graph:
    """From parallel arrays of edges, in any order; for large problems."""
    counts = np.bincount(row, minlength=len(empty))
    first = np.concatenate([np.zeros(1, np.int64), np.cumsum(counts)])
    # One number for each edge, row before cost before column: sorting those is fastest by far.
    costs = int(cost.max(initial=0)) + 1
    if len(empty) * costs * columns < FAR:
        edge = np.sort((row * costs + cost) * columns + column)
        edge, column = np.divmod(edge, max(1, columns))
        cost = edge % costs
    else:
        order = np.lexsort((column, cost, row))
        column, cost = column[order], cost[order]
    return Graph(first, column.astype(np.int32), cost, empty, columns)


def solve(problem: Graph) -> Optimum:
    """Columns for the rows at the least sum of costs, that of empty rows included.

    An auction with falling steps (Bertsekas 1988) finds prices that are nearly right. Each row
    that would rather have another column is then put right along a shortest path (Jonker and
    Volgenant 1987), and so is, from its own side, each column left over with a price. How far the
    auction came matters for the time alone: in the end no price is negative, a column that nobody
    has costs nothing, and no row is better off elsewhere, which is what makes it the optimum.
    """
    compiled = isinstance(problem.column, np.ndarray)
    rows, columns, edges = len(problem.empty), problem.columns, len(problem.column)

    def filled(size: int, value: int) -> Ints:
        return np.full(size, value, np.int64) if compiled else [value] * size

    by_column = _ByColumn(filled(columns + 1, 0), filled(edges, 0), filled(edges, 0))
    state = _State(filled(rows, NONE), filled(columns, NONE), filled(columns, 0), filled(rows, 0))
    room = _Room(
        rows=filled(rows, 0),
        length=filled(columns, FAR),
        came_from=filled(columns, NONE),
        settled=filled(columns, 0),
        touched=filled(columns, 0),
        keys=filled(edges + 1, 0),
        values=filled(edges + 1, 0),
    )
    (_solve.compiled if compiled else _solve)(problem, by_column, state, room)
    return Optimum(state.mate, state.price)


@kernel
def _solve(problem: Graph, by_column: _ByColumn, state: _State, room: _Room) -> None:
    highest, lowest = 0, FAR
    for cost in problem.cost:
        highest, lowest = max(highest, cost), min(lowest, cost)
    for divisor in DIVISORS:
        _auction(problem, state, room, max(1, (highest - lowest) // divisor), 2 * highest)
    for number in range(_open_rows(problem, state, room)):
        _fill(problem, state, room, room.rows[number])
    turned = False
    for column in range(problem.columns):
        if state.holder[column] == NONE and state.price[column] > 0:
            if not turned:
                _turn(problem, by_column)
                turned = True
            _unprice(by_column, state, room, column)


@kernel
def _turn(problem: Graph, by_column: _ByColumn) -> None:
    first = by_column.first
    for column in problem.column:
        first[column + 1] += 1
    for column in range(problem.columns):
        first[column + 1] += first[column]
    for row in range(len(problem.empty)):
        for edge in range(problem.first[row], problem.first[row + 1]):
            place = first[problem.column[edge]]
            by_column.row[place], by_column.cost[place] = row, problem.cost[edge]
            first[problem.column[edge]] = place + 1
    for column in range(problem.columns, 0, -1):
        first[column] = first[column - 1]
    first[0] = 0


@kernel
def _auction(problem: Graph, state: _State, room: _Room, step: int, cap: int) -> None:
    """Everybody bids anew at the prices so far, for some rounds: it need not come to an end.

    A row takes the column that is cheapest for it and raises the price until its second choice
    is better by `step`. The first to take a column pays nothing, so that of what is plentiful most
    has no price. Bids stop at `cap`: what is fought over beyond that is left to `_fill`.
    """
    mate, holder, price = state.mate, state.holder, state.price
    rows = len(problem.empty)
    for column in range(problem.columns):
        holder[column] = NONE
    for row in range(rows):
        mate[row] = NONE
        room.rows[row] = rows - 1 - row
    waiting, left = rows, BIDS * rows
    while waiting > 0 and left > 0:
        waiting -= 1
        left -= 1
        row = room.rows[waiting]
        least = min(problem.empty[row], cap)
        second, chosen = least, NONE
        for edge in range(problem.first[row], problem.first[row + 1]):
            if problem.cost[edge] >= second:
                break
            total = problem.cost[edge] + price[problem.column[edge]]
            if total < least:
                second, least, chosen = least, total, problem.column[edge]
            elif total < second:
                second = total
        if chosen == NONE:
            continue
        loser = holder[chosen]
        if loser != NONE:
            mate[loser] = NONE
            room.rows[waiting] = loser
            waiting += 1
        if loser != NONE or price[chosen] > 0:
            price[chosen] += second - least + step
        holder[chosen], mate[row] = row, chosen


@kernel
def _open_rows(problem: Graph, state: _State, room: _Room) -> int:
    """Let go of what is not the cheapest for its row; count, and list, the rows without a column
    that their cheapest one is not free for."""
    mate, holder = state.mate, state.holder
    for row in range(len(problem.empty)):
        least, held = problem.empty[row], FAR
        for edge in range(problem.first[row], problem.first[row + 1]):
            total = problem.cost[edge] + state.price[problem.column[edge]]
            least = min(least, total)
            if problem.column[edge] == mate[row]:
                held = total
        state.due[row] = least
        if mate[row] != NONE and held > least:
            holder[mate[row]] = NONE
            mate[row] = NONE
    count = 0
    for row in range(len(problem.empty)):
        if mate[row] != NONE:
            continue
        for edge in range(problem.first[row], problem.first[row + 1]):
            column = problem.column[edge]
            total = problem.cost[edge] + state.price[column]
            if total == state.due[row] and holder[column] == NONE:
                holder[column], mate[row] = row, column
                break
        if mate[row] == NONE:
            room.rows[count] = row
            count += 1
    return count


@kernel
def _fill(problem: Graph, state: _State, room: _Room, start: int) -> None:
    """A column for the row, others moving on, along the path that costs least: to a column that
    nobody has, or to a row that is best left empty."""
    mate, holder, price, due = state.mate, state.holder, state.price, state.due
    length, came_from = room.length, room.came_from
    best, last_row, last_column = FAR, NONE, NONE
    waiting = touched = settled = 0
    row, so_far = start, 0
    while True:
        off = so_far - due[row]
        if off + problem.empty[row] < best:
            best, last_row = off + problem.empty[row], row
        for edge in range(problem.first[row], problem.first[row + 1]):
            if off + problem.cost[edge] >= best:
                break
            column = problem.column[edge]
            total = off + problem.cost[edge] + price[column]
            if total < length[column] and total < best:
                if length[column] == FAR:
                    room.touched[touched] = column
                    touched += 1
                length[column], came_from[column] = total, row
                if holder[column] == NONE:
                    best, last_row, last_column = total, NONE, column
                else:
                    _push(room, waiting, total, column)
                    waiting += 1
        column = NONE
        while waiting > 0 and room.keys[0] < best and column == NONE:
            so_far = room.keys[0]
            if so_far == length[room.values[0]]:
                column = room.values[0]
            waiting -= 1
            _pop(room, waiting)
        if column == NONE:
            break
        room.settled[settled] = column
        settled += 1
        row = holder[column]
    due[start] += best
    for number in range(settled):
        column = room.settled[number]
        price[column] += best - length[column]
        due[holder[column]] += best - length[column]
    column = last_column
    if last_row != NONE:
        column = mate[last_row]
        mate[last_row] = NONE
    while column != NONE:
        row = came_from[column]
        left = mate[row]
        holder[column], mate[row] = row, column
        column = left
    for number in range(touched):
        length[room.touched[number]] = FAR


@kernel
def _unprice(by_column: _ByColumn, state: _State, room: _Room, start: int) -> None:
    """A row for a column that has a price and nobody, or no price: along the path that saves
    most, to an empty row, or to a column that can be had for nothing and is let go of."""
    mate, holder, price, due = state.mate, state.holder, state.price, state.due
    length, came_from = room.length, room.came_from
    best, last_row, last_column = FAR, NONE, NONE
    settled, touched, waiting = 0, 1, 0
    column, so_far = start, 0
    length[start], came_from[start], room.touched[0] = 0, NONE, start
    while True:
        room.settled[settled] = column
        settled += 1
        off = so_far + price[column]
        if off < best:
            best, last_row, last_column = off, NONE, column
        for edge in range(by_column.first[column], by_column.first[column + 1]):
            row = by_column.row[edge]
            total = off + by_column.cost[edge] - due[row]
            if total >= best:
                continue
            other = mate[row]
            if other == NONE:
                best, last_row, last_column = total, row, column
            elif total < length[other]:
                if length[other] == FAR:
                    room.touched[touched] = other
                    touched += 1
                length[other], came_from[other] = total, column
                _push(room, waiting, total, other)
                waiting += 1
        column = NONE
        while waiting > 0 and room.keys[0] < best and column == NONE:
            so_far = room.keys[0]
            if so_far == length[room.values[0]]:
                column = room.values[0]
            waiting -= 1
            _pop(room, waiting)
        if column == NONE:
            break
    for number in range(settled):
        column = room.settled[number]
        price[column] -= best - length[column]
        if holder[column] != NONE:
            due[holder[column]] -= best - length[column]
    column, row = last_column, last_row
    if row == NONE:
        row = holder[column]
        holder[column] = NONE
        column = came_from[column]
    while column != NONE:
        left = holder[column]
        holder[column], mate[row] = row, column
        row, column = left, came_from[column]
    for number in range(touched):
        length[room.touched[number]] = FAR


@kernel
def _push(room: _Room, size: int, key: int, value: int) -> None:
    """Onto the heap of `size` entries, the smallest key on top."""
    keys, values = room.keys, room.values
    place = size
    while place > 0 and keys[(place - 1) >> 1] > key:
        above = (place - 1) >> 1
        keys[place], values[place] = keys[above], values[above]
        place = above
    keys[place], values[place] = key, value


@kernel
def _pop(room: _Room, size: int) -> None:
    """Take the top away; `size` entries are left."""
    keys, values = room.keys, room.values
    key, value = keys[size], values[size]
    place, below = 0, 1
    while below < size:
        if below + 1 < size and keys[below + 1] < keys[below]:
            below += 1
        if keys[below] >= key:
            break
        keys[place], values[place] = keys[below], values[below]
        place, below = below, 2 * below + 1
    keys[place], values[place] = key, value
