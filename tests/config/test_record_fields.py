"""What is asked to be recorded: of each of the 67 services, each field alone is missed."""

from __future__ import annotations

from datetime import date
from uuid import UUID, uuid4

import pytest

from config import catalogue, record_fields
from config.record_fields import Asked, Entry, Fault, FieldType, When
from demo import record_sheet

CATALOGUE = catalogue.load()
TODAY = date(2040, 3, 5)
PHOTO = uuid4()
PHOTOS = frozenset({PHOTO})


def entries_of(asked: tuple[Asked, ...], leave_out: Asked | None = None) -> list[Entry]:
    """What a nurse enters for these fields but one."""
    fields = [
        {
            "kind": one.field.kind,
            "field": one.field.field,
            "when": one.when.value,
            "required": one.required and one is not leave_out,
            "type": one.field.type.value,
            "min": one.field.least,
            "max": one.field.most,
            "options": [{"value": value} for value in one.field.options],
        }
        for one in asked
    ]
    return [
        Entry(kind=kind, data=data)
        for _, kind, data in record_sheet.filled(fields, today=TODAY, photo=str(PHOTO))
    ]


def test_r34_every_service_is_known_to_the_file_and_the_file_knows_no_other() -> None:
    assert record_fields.groups() == {one.group for one in CATALOGUE.services.values()}
    assert record_fields.overridden() <= CATALOGUE.services.keys()
    assert len(CATALOGUE.services) == 67


@pytest.mark.parametrize("code", CATALOGUE.services)
def test_r34_each_required_field_of_each_service_is_missed_by_its_name(code: str) -> None:
    sheet = record_fields.of_services(CATALOGUE, [code])
    required = [one for one in sheet.asked if one.required]
    names = {one.field.name for one in required}
    assert {"procedure.adverse_signs", "education.topics"} < names
    assert record_fields.faults(sheet, entries_of(sheet.asked), PHOTOS) == []
    assert len(record_fields.faults(sheet, [])) == len(required)
    for one in required:
        found = record_fields.faults(sheet, entries_of(sheet.asked, one), PHOTOS)
        assert found == [(one, Fault.MISSING)]


def test_r34_groups_ask_for_what_the_rules_name() -> None:
    def names(code: str) -> set[tuple[str, str]]:
        asked = record_fields.of_services(CATALOGUE, [code]).asked
        return {(one.field.name, one.when.value) for one in asked if one.required}

    for code in ("LT01", "LT05", "CD05", "RH04", "LT12"):
        assert ("procedure.next_due_on", "any") in names(code)
        assert ("vitals.pulse_bpm", "before") in names(code)
        assert ("vitals.pulse_bpm", "after") in names(code)
    for code in ("LT01", "LT05", "RH04"):
        assert {("procedure.tube_size_fr", "any"), ("procedure.depth_cm", "any")} < names(code)
    for code in ("LT09", "LT10"):
        assert {
            ("procedure.stage", "any"),
            ("procedure.wound_length_cm", "any"),
            ("photo.skin", "any"),
        } < names(code)
    assert ("photo.wound", "any") in names("RH01")
    for code in ("EC04", "EC05", "CD02", "CD09", "CD08", "RH11", "EC11"):
        assert {("procedure.drug_batch", "any"), ("procedure.drug_expires_on", "any")} < names(code)


def test_r34_what_is_given_must_be_of_the_kind_and_in_the_range() -> None:
    sheet = record_fields.of_services(CATALOGUE, ["LT10"])
    good = entries_of(sheet.asked)
    slips: list[tuple[str, str, object]] = [
        ("procedure", "wound_length_cm", 101),
        ("procedure", "wound_length_cm", True),
        ("procedure", "wound_length_cm", "3"),
        ("procedure", "braden_score", 5),
        ("procedure", "braden_score", 12.5),
        ("procedure", "stage", "5"),
        ("procedure", "dressing", "  "),
        ("education", "topics", ["list"]),
        ("vitals", "pulse_bpm", 19),
    ]
    for kind, name, value in slips:
        entries = [
            Entry(kind=one.kind, data={**one.data, name: value}) if one.kind == kind else one
            for one in good
        ]
        ((asked, fault),) = record_fields.faults(sheet, entries, PHOTOS)
        assert (asked.field.name, fault) == (f"{kind}.{name}", Fault.INVALID), value
        # A slip is mended by another entry.
        assert record_fields.faults(sheet, [*entries, *good], PHOTOS) == []


def test_r31_a_photo_must_be_one_of_this_visit() -> None:
    sheet = record_fields.of_services(CATALOGUE, ["RH01"])
    good = entries_of(sheet.asked)
    for photos in (frozenset[UUID](), frozenset({uuid4()})):
        ((asked, fault),) = record_fields.faults(sheet, good, photos)
        assert (asked.field.name, fault) == ("photo.wound", Fault.NO_PHOTO)


def test_r34_vital_signs_count_by_their_phase_or_by_their_order() -> None:
    sheet = record_fields.of_services(CATALOGUE, ["EC04"])
    rest = [one for one in entries_of(sheet.asked) if one.kind != "vitals"]
    vitals = {
        "systolic_mmhg": 120,
        "diastolic_mmhg": 80,
        "pulse_bpm": 70,
        "temperature_c": 36.5,
    }
    first = Entry(kind="vitals", data=vitals)
    missed = record_fields.faults(sheet, [first, *rest])
    assert {one.when for one, _ in missed} == {When.AFTER}
    assert record_fields.faults(sheet, [first, *rest, first]) == []
    late = Entry(kind="vitals", data={**vitals, "phase": "after"})
    missed = record_fields.faults(sheet, [late, *rest])
    assert {one.when for one, _ in missed} == {When.BEFORE}


def test_several_services_ask_for_everything_once() -> None:
    alone = [record_fields.of_services(CATALOGUE, [code]).asked for code in ("RH02", "RH01")]
    both = record_fields.of_services(CATALOGUE, ["RH02", "RH01"])
    keys = [(one.field.name, one.when) for one in both.asked]
    assert len(keys) == len(set(keys))
    required = {key for one in both.asked if one.required for key in [(one.field.name, one.when)]}
    # What the removal of stitches waives, the other wound still asks for.
    assert required >= {(o.field.name, o.when) for asked in alone for o in asked if o.required}
    assert ("procedure.wound_length_cm", When.ANY) in required
    assert (
        record_fields.of_services(CATALOGUE, ["EC01", "CD08"]).least_min
        == record_fields.of_services(CATALOGUE, ["CD08"]).least_min
        > 0
    )


def test_every_field_has_words_in_both_languages_and_options_only_where_there_is_a_choice() -> None:
    for code in CATALOGUE.services:
        for one in record_fields.of_services(CATALOGUE, [code]).asked:
            assert one.field.label.zh, one.field.name
            assert one.field.label.en, one.field.name
            assert bool(one.field.options) == (one.field.type is FieldType.CHOICE)
            for label in one.field.options.values():
                assert label.zh
                assert label.en
