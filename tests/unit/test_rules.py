"""The decision: denials win, ends count, more rules never take away, and no scope leaks."""

from datetime import UTC, datetime, timedelta

from hypothesis import given
from hypothesis import strategies as st

from core.domain.rules import Origin, Place, Rule, decide, place_of, reach, scope_of

AT = datetime(2026, 11, 24, 8, 0, tzinfo=UTC)
NAMESPACES = ("a", "b", "a-b")
MODELS = ("iris", "churn")
PLACES = (
    Place(),
    *(Place(namespace) for namespace in NAMESPACES),
    *(Place(namespace, model) for namespace in NAMESPACES for model in MODELS),
)
ACTIONS = ("read", "write")

ends = st.none() | st.integers(-2, 2).map(lambda minutes: AT + timedelta(minutes=minutes))


def rules(denies: st.SearchStrategy[bool]) -> st.SearchStrategy[Rule]:
    return st.builds(
        Rule,
        st.sampled_from(Origin),
        st.sampled_from(("alice", "team")),
        st.sampled_from(PLACES).map(str),
        st.frozensets(st.sampled_from(ACTIONS), min_size=1),
        denies=denies,
        expires_at=ends,
    )


anything = st.lists(rules(st.booleans()), max_size=6)
allowing = st.lists(rules(st.just(False)), max_size=6)
places = st.sampled_from(PLACES)
actions = st.sampled_from(ACTIONS)


@given(anything, rules(st.just(True)), places, actions)
def test_a_denial_wins_wherever_it_stands_and_whatever_allows(
    given_rules: list[Rule], denial: Rule, place: Place, action: str
) -> None:
    if not (denial.covers(place) and action in denial.actions and denial.is_in_force(AT)):
        return

    for order in ([denial, *given_rules], [*given_rules, denial]):
        decision = decide(order, action, place, AT)
        assert not decision.allowed
        assert decision.rule is not None
        assert decision.rule.denies


@given(anything, places, actions, st.booleans())
def test_what_has_ended_counts_for_nothing(
    given_rules: list[Rule], place: Place, action: str, wholly: bool
) -> None:
    living = [rule for rule in given_rules if rule.expires_at is None or rule.expires_at > AT]

    assert decide(given_rules, action, place, AT, wholly=wholly) == decide(
        living, action, place, AT, wholly=wholly
    )


@given(anything, rules(st.just(False)), places, actions)
def test_another_permission_never_takes_anything_away(
    given_rules: list[Rule], more: Rule, place: Place, action: str
) -> None:
    if decide(given_rules, action, place, AT).allowed:
        assert decide([more, *given_rules], action, place, AT).allowed


@given(anything, rules(st.just(True)), places, actions)
def test_another_denial_never_gives_anything(
    given_rules: list[Rule], more: Rule, place: Place, action: str
) -> None:
    if not decide(given_rules, action, place, AT).allowed:
        assert not decide([more, *given_rules], action, place, AT).allowed


@given(allowing, places, actions)
def test_no_rule_of_another_namespace_or_model_ever_decides(
    given_rules: list[Rule], place: Place, action: str
) -> None:
    decision = decide(given_rules, action, place, AT)

    if decision.allowed:
        assert decision.rule is not None
        assert action in decision.rule.actions
        assert decision.rule.scope in {"*", place.namespace, str(place)}
    if place.namespace is not None:
        here = [
            rule
            for rule in given_rules
            if place_of(rule.scope).namespace in {None, place.namespace}
        ]
        assert decide(here, action, place, AT).allowed is decision.allowed


@given(anything, places, actions)
def test_the_rule_that_is_named_is_the_one_that_decides(
    given_rules: list[Rule], place: Place, action: str
) -> None:
    decision = decide(given_rules, action, place, AT)

    if decision.rule is None:
        assert not decision.allowed
        return
    assert decision.rule in given_rules
    assert decision.rule.is_in_force(AT)
    alone = decide([decision.rule], action, place, AT)
    assert (alone.allowed, alone.rule) == (decision.allowed, decision.rule)


@given(anything, places, actions)
def test_a_namespace_is_allowed_as_a_whole_only_if_each_model_in_it_is(
    given_rules: list[Rule], place: Place, action: str
) -> None:
    if place.namespace is None or place.model is not None:
        return
    if decide(given_rules, action, place, AT).allowed:
        for model in (*MODELS, "any other"):
            assert decide(given_rules, action, Place(place.namespace, model), AT).allowed


@given(anything, actions)
def test_lists_reach_exactly_what_would_be_allowed_one_by_one(
    given_rules: list[Rule], action: str
) -> None:
    found = reach(given_rules, action, AT)

    for place in PLACES:
        if place.namespace is None or place.model is None:
            continue
        listed = (
            place.model not in found.hidden_in(place.namespace)
            if found.holds(place.namespace)
            else place.model in found.singled(place.namespace)
        )
        assert listed is decide(given_rules, action, place, AT).allowed, place


@given(anything, rules(st.just(False)), actions)
def test_a_limit_narrows_what_is_reached_to_what_it_covers(
    given_rules: list[Rule], limit: Rule, action: str
) -> None:
    found = reach(given_rules, action, AT).narrowed(limit, action, AT)

    for place in PLACES:
        if place.namespace is None or place.model is None:
            continue
        listed = (
            place.model not in found.hidden_in(place.namespace)
            if found.holds(place.namespace)
            else place.model in found.singled(place.namespace)
        )
        both = (decide(each, action, place, AT).allowed for each in (given_rules, [limit]))
        assert listed is all(both), place


def test_a_scope_and_its_place_are_two_ways_to_say_one_thing() -> None:
    for place in PLACES:
        assert place_of(str(place)) == place
        assert scope_of(place.namespace, place.model) == str(place)
