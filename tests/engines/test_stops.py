"""Stop strings, however the stream is cut."""

from itertools import pairwise

from hypothesis import given
from hypothesis import strategies as st

from lumbre.engines.stops import Stops


def shown(pieces: list[str], stops: list[str]) -> str:
    watch = Stops(stops)
    return "".join([watch.feed(piece) for piece in pieces]) + watch.rest()


@given(st.text("ab", max_size=20), st.lists(st.integers(0, 20)), st.lists(st.text("ab", max_size=4), max_size=3))
def test_what_is_shown_ends_where_the_first_stop_begins(text: str, cuts: list[int], stops: list[str]) -> None:
    edges = [0, *sorted(cut for cut in cuts if cut <= len(text)), len(text)]
    pieces = [text[start:end] for start, end in pairwise(edges)]
    given_stops = [stop for stop in stops if stop]
    result = shown(pieces, stops)
    assert text.startswith(result)
    assert not any(stop in result for stop in given_stops)
    if not any(stop in text for stop in given_stops):
        assert result == text


def test_text_that_only_looks_like_a_stop_is_shown_late_but_whole() -> None:
    watch = Stops(["</end>"])
    assert watch.feed("a </e") == "a "
    assert watch.feed("m>") == "</em>"
    assert watch.rest() == ""
    assert not watch.met
