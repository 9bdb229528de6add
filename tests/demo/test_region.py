from __future__ import annotations

import hashlib
import math
import os
import subprocess
import sys
from collections import Counter
from datetime import date, datetime, timedelta
from pathlib import Path

import pytest
import shapely

from config import areas, catalogue, geometry
from config.areas import Areas
from config.catalogue import Catalogue
from config.vocabulary import Title
from demo import region, roster, teams, towns
from demo.institutions import Kind
from demo.nurses import SPOTLESS, Nurse
from demo.region import Region
from demo.roster import Duty
from dispatch import identity

TODAY = date(2026, 11, 22)
SEVERAL = 3
FAR_M = 20_000
POSTS = {name for name, _ in teams.POSTS}


@pytest.fixture(scope="module")
def jinhua() -> Areas:
    return areas.load()


@pytest.fixture(scope="module")
def services() -> Catalogue:
    return catalogue.load()


@pytest.fixture(scope="module")
def demo() -> Region:
    return region.build(today=TODAY)


def fingerprint(built: Region) -> str:
    return hashlib.sha256(repr(built).encode()).hexdigest()


def may_work(nurse: Nurse) -> bool:
    return (
        nurse.admitted
        and not nurse.suspended
        and nurse.title.rank >= Title.HUSHI_SHI.rank
        and nurse.first_practised_on <= TODAY.replace(year=TODAY.year - 5)
        and min(nurse.certificate_valid_until, nurse.insurance_valid_until) >= TODAY
    )


def test_the_counts_are_those_of_the_report(demo: Region) -> None:
    assert (len(demo.institutions), len(demo.nurses), len(demo.patients)) == (95, 4117, 2000)
    assert [nurse.staff_no for nurse in demo.nurses] == list(range(1, 4118))


def test_the_same_seed_gives_the_same_region_in_another_process_and_another_seed_another() -> None:
    build = (
        "region.build(today=date(2026, 11, 22), seed={seed},"
        " nurse_count=300, institution_count=20, patient_count=100)"
    )
    here = [
        fingerprint(
            region.build(
                today=TODAY, seed=seed, nurse_count=300, institution_count=20, patient_count=100
            )
        )
        for seed in (1, 2)
    ]
    code = (
        "import hashlib; from datetime import date; from demo import region;"
        f"print(hashlib.sha256(repr({build.format(seed=1)}).encode()).hexdigest())"
    )
    elsewhere = subprocess.run(  # noqa: S603 - our own interpreter and text
        [sys.executable, "-c", code],
        env=os.environ | {"PYTHONHASHSEED": "12345"},
        cwd=Path(region.__file__).parent.parent,
        capture_output=True,
        check=True,
        text=True,
        timeout=60,
    )
    assert elsewhere.stdout.strip() == here[0]
    assert here[0] != here[1]


def test_counties_have_nurses_and_patients_by_their_people(demo: Region) -> None:
    people_k = {county.code: county.population_k for county in towns.COUNTIES}
    nurses = Counter(nurse.county for nurse in demo.nurses)
    patients = Counter(patient.county for patient in demo.patients)
    for code, population_k in people_k.items():
        share = population_k / sum(people_k.values())
        assert nurses[code] == pytest.approx(len(demo.nurses) * share, rel=0.02)
        assert patients[code] == pytest.approx(len(demo.patients) * share, rel=0.35)
    institutions = Counter(one.county for one in demo.institutions)
    assert min(institutions.values()) >= 4
    assert institutions.most_common(1)[0][0] == "330782"


def test_everything_lies_in_its_county_and_nurses_on_the_grid(demo: Region, jinhua: Areas) -> None:
    located = [(row.lat, row.lng, row.county) for row in demo.institutions]
    located += [(row.lat, row.lng, row.county) for row in demo.nurses]
    located += [(row.lat, row.lng, row.county) for row in demo.patients]
    for lat, lng, county in located:
        assert jinhua.county_at(lat, lng) == county
    for nurse in demo.nurses:
        snapped = geometry.JINHUA.snap(nurse.lat, nurse.lng, geometry.DISPATCH_POINT_M)
        assert snapped == pytest.approx((nurse.lat, nurse.lng), abs=1e-9)


def test_town_centres_lie_in_their_counties(jinhua: Areas) -> None:
    for county in towns.COUNTIES:
        for town in county.towns:
            assert jinhua.county_at(town.lat, town.lng) == county.code, town.name


def test_it_says_of_itself_that_it_is_synthetic(demo: Region) -> None:
    assert set(region.SYNTHETIC) == {"zh-CN", "en"}
    assert all(one.name.endswith("（演示）") for one in demo.institutions)
    assert all(one.name_en.endswith("(demo)") for one in demo.institutions)
    assert len({one.name for one in demo.institutions}) == len(demo.institutions)
    assert len({one.code for one in demo.institutions}) == len(demo.institutions)
    assert all(patient.id_number.startswith("330799") for patient in demo.patients)


def test_hospitals_offer_everything_and_centres_less(demo: Region, services: Catalogue) -> None:
    everything = tuple(services.services)
    for one in demo.institutions:
        assert set(one.services) <= set(everything)
        assert one.counties[0] == one.county
        assert (one.services == everything) == (one.kind is Kind.GENERAL)
        if one.kind is Kind.CENTRE:
            assert len(one.services) < len(everything) / 1.3
            assert all(services.services[code].skill_tier <= 2 for code in one.services)
    hospitals = {one.county for one in demo.institutions if one.kind is Kind.GENERAL}
    assert hospitals == {county.code for county in towns.COUNTIES}


def test_specialties_are_the_catalogues_and_every_one_is_held_and_in_a_post(
    demo: Region, services: Catalogue
) -> None:
    held = {slug for nurse in demo.nurses for slug in nurse.specialties}
    assert held <= set(services.specialties)
    assert services.closure(held) == set(services.specialties)
    assert held == set(services.specialties)
    posted = services.closure(slug for _, slugs in teams.POSTS for slug in slugs)
    assert posted == set(services.specialties)


def test_rare_competence_is_rare(demo: Region) -> None:
    share = {
        slug: count / len(demo.nurses)
        for slug, count in Counter(s for n in demo.nurses for s in n.specialties).items()
    }
    for slug in ("dialysis", "wound_ostomy_continence", "palliative", "dysphagia", "pelvic_floor"):
        assert 0.01 < share[slug] < 0.035
    for slug in ("wound_care", "continence", "chronic_care", "enteral_nutrition"):
        assert share[slug] > 0.08
    tiers = Counter(nurse.tier for nurse in demo.nurses)
    assert tiers[2] > tiers[3] > tiers[1]


def test_titles_years_and_gender_look_like_a_nursing_staff(demo: Region) -> None:
    titles = Counter(nurse.title for nurse in demo.nurses)
    assert [title for title, _ in titles.most_common(2)] == [Title.HUSHI_SHI, Title.ZHUGUAN]
    assert set(titles) == set(Title)
    men = sum(nurse.gender == "male" for nurse in demo.nurses)
    assert 0.02 < men / len(demo.nurses) < 0.07
    visits = sum(nurse.ratings for nurse in demo.nurses)
    assert visits / len(demo.nurses) == pytest.approx(8.7, rel=0.25)


def test_almost_all_may_work_and_each_gate_has_somebody_to_bite(demo: Region) -> None:
    able = sum(map(may_work, demo.nurses))
    assert 0.93 < able / len(demo.nurses) < 0.99
    assert any(not nurse.admitted for nurse in demo.nurses)
    assert any(nurse.suspended for nurse in demo.nurses)
    assert any(nurse.certificate_valid_until < TODAY for nurse in demo.nurses)
    assert any(nurse.insurance_valid_until < TODAY for nurse in demo.nurses)
    assert any(nurse.title is Title.HUSHI for nurse in demo.nurses)
    assert all(may_work(nurse) for nurse in demo.nurses[:SPOTLESS])


def test_every_service_has_several_free_nurses_in_every_town_at_every_hour(
    demo: Region, services: Catalogue
) -> None:
    """What the demo promises: any order inside the shifts finds somebody to ask at once."""
    offered = {one.code: set(one.services) for one in demo.institutions}
    covered = {one.code: set(one.counties) for one in demo.institutions}
    able = [
        (nurse, {s.code for s in services.within_reach(nurse.specialties, nurse.tier, nurse.title)})
        for nurse in demo.nurses
        if may_work(nurse)
    ]
    days = [TODAY + timedelta(days=n) for n in range(3)]
    hours = [
        roster.shifts_for(1, day)[0].starts_at + timedelta(hours=hour)
        for day in days
        for hour in range(16)
    ]
    for county in towns.COUNTIES:
        for town in county.towns:
            place = geometry.JINHUA.project(town.lat, town.lng)
            free: dict[str, list[int]] = {code: [0] * len(hours) for code in services.services}
            for nurse, reach in able:
                if county.code not in covered[nurse.institution] or not within(nurse, place):
                    continue
                open_hours = free_hours(nurse.staff_no, days, hours)
                for code in reach & offered[nurse.institution]:
                    counts = free[code]
                    for hour in open_hours:
                        counts[hour] += 1
            scarcest = min(free, key=lambda code: min(free[code]))
            assert min(free[scarcest]) >= SEVERAL, (county.name, town.name, scarcest)


def within(nurse: Nurse, place: tuple[float, float]) -> bool:
    x_m, y_m = geometry.JINHUA.project(nurse.lat, nurse.lng)
    return (x_m - place[0]) ** 2 + (y_m - place[1]) ** 2 <= nurse.radius_m**2


def free_hours(staff_no: int, days: list[date], hours: list[datetime]) -> list[int]:
    duties = [span for day in days for span in roster.ward_duties_for(staff_no, day)]
    return [
        number
        for number, hour in enumerate(hours)
        if not any(span.starts_at <= hour < span.ends_at for span in duties)
    ]


def test_the_home_nursing_team_is_free_all_day_and_reaches_all_of_its_county(
    demo: Region, jinhua: Areas
) -> None:
    filled = Counter((n.county, n.department) for n in demo.nurses if n.department in POSTS)
    for county in towns.COUNTIES:
        assert all(filled[county.code, post] >= SEVERAL for post in POSTS)
    for nurse in demo.nurses:
        if nurse.department in POSTS:
            assert roster.duty_of(nurse.staff_no) is Duty.FLEXIBLE
            home = geometry.JINHUA.project(nurse.lat, nurse.lng)
            outline = jinhua.by_code[nurse.county].outline
            for lng, lat in shapely.get_coordinates(outline):
                assert math.dist(home, geometry.JINHUA.project(lat, lng)) <= nurse.radius_m


def test_no_town_is_far_from_any_competence(demo: Region) -> None:
    """With all teams in the county seats a rare service was two hours away from the outer towns."""
    homes: dict[str, list[tuple[float, float]]] = {post: [] for post in POSTS}
    for nurse in demo.nurses:
        if nurse.department in POSTS:
            homes[nurse.department].append(geometry.JINHUA.project(nurse.lat, nurse.lng))
    for county in towns.COUNTIES:
        for town in county.towns:
            place = geometry.JINHUA.project(town.lat, town.lng)
            for post, places in homes.items():
                nearest_m = min(math.dist(place, home) for home in places)
                assert nearest_m < FAR_M, (county.name, town.name, post)


def test_sign_ins_are_the_promised_ones(demo: Region) -> None:
    assert [(one.phone, one.role, one.permissions) for one in region.SIGN_INS] == [
        ("+8613800000001", "operator", ()),
        ("+8613800000002", "admin", ()),
        ("+8613800000003", "auditor", ()),
        ("+8613800000004", "operator", ("assess",)),
    ]
    assert demo.nurses[0].phone == "+8613900000001"
    assert demo.nurses[-1].phone == "+8613900004117"
    assert demo.patients[0].account_phone == "+8613700000001"
    phones = [one.phone for one in region.SIGN_INS] + [nurse.phone for nurse in demo.nurses]
    phones += sorted({patient.account_phone for patient in demo.patients})
    assert len(set(phones)) == len(phones)
    for phone in (*phones[:20], *phones[-20:], *(one.phone for one in demo.institutions)):
        assert identity.normalise_phone(phone) == phone


def test_identity_numbers_fit_their_owners_and_are_nobodys_twice(demo: Region) -> None:
    numbers = [patient.id_number for patient in demo.patients]
    assert len(set(numbers)) == len(numbers)
    for patient in demo.patients:
        assert identity.normalise_id_number(patient.id_number) == patient.id_number
        assert identity.born_on(patient.id_number) == patient.birth_date
        assert int(patient.id_number[16]) % 2 == (patient.gender == "male")


def test_one_account_is_one_household(demo: Region) -> None:
    homes: dict[str, set[str]] = {}
    for patient in demo.patients:
        homes.setdefault(patient.account_phone, set()).add(patient.address)
        assert patient.birth_date < TODAY
        assert patient.relation in {"self", "parent", "child", "spouse", "other"}
    assert all(len(addresses) == 1 for addresses in homes.values())
    assert len(homes) < len(demo.patients)
    selves = Counter(p.account_phone for p in demo.patients if p.relation == "self")
    assert max(selves.values()) == 1


def test_a_region_grows_for_benchmarks_without_changing_its_shape() -> None:
    grown = region.build(today=TODAY, nurse_count=9_000, patient_count=0)
    assert len(grown.nurses) == 9_000
    assert not grown.patients
    posts = Counter(nurse.county for nurse in grown.nurses if nurse.department in POSTS)
    assert max(posts.values()) == len(POSTS) * teams.TEAMS_AT_MOST


def test_every_county_needs_a_hospital() -> None:
    with pytest.raises(ValueError, match="cannot serve every county"):
        region.build(today=TODAY, institution_count=8)
