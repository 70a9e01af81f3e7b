"""What is measured in columns is what plain Python measures one fact at a time, on both engines."""

from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st

from fairlead.store.ledger import Ledger
from fairlead.usecases.measure_delivery import measure_delivery
from tests.linking import work_off
from tests.measured import both, difference, expected, record, told
from tests.measured_strategies import questions, worlds
from tests.search_records import a_new_organisation

_SETTINGS = settings(
    max_examples=40,
    deadline=None,
    # What is found is small as it is, and making it smaller asks two databases thousands of questions.
    phases=[Phase.explicit, Phase.reuse, Phase.generate],
    suppress_health_check=[HealthCheck.function_scoped_fixture],
)


@given(asked=st.data())
@_SETTINGS
def test_any_answer_is_what_plain_python_says(ledger: Ledger, asked: st.DataObject) -> None:
    org_id = a_new_organisation()
    world = asked.draw(worlds(org_id))
    record(ledger, world)
    # What is asked again and again may be remembered, but not for longer than it is true.
    lasting = asked.draw(questions(org_id))

    # From rows; from segments; from both, where some days have changed since.
    for stage in range(3):
        for question in (lasting, *(asked.draw(questions(org_id)) for _ in range(2))):
            answer = ledger.read(measure_delivery, question)

            assert "" == difference(expected(world, question), told(answer))
        if stage == 0:
            work_off(ledger)
        elif stage == 1:
            more = asked.draw(worlds(org_id))
            record(ledger, more)
            world = both(world, more)
