"""The demo region's nurses: who they are, what they may do, where they start from."""

from __future__ import annotations

import math
import random
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Final

import shapely

from config import geometry
from config.areas import Areas
from config.vocabulary import Title
from demo import competence, draws, people, teams, towns
from demo.institutions import Institution, Kind
from demo.roster import Duty, duty_of
from demo.teams import Post


@dataclass(frozen=True, slots=True, kw_only=True)
class Nurse:
    staff_no: int
    name: str
    gender: str
    phone: str
    institution: str  # its code
    department: str
    county: str
    town: str
    lat: float  # where she is dispatched from, on the 100 m grid
    lng: float
    radius_m: int
    title: Title
    tier: int
    specialties: tuple[str, ...]  # as held; what they imply is the catalogue's to say
    languages: tuple[str, ...]
    first_practised_on: date
    registration_no: str
    certificate_valid_until: date
    insurance_valid_until: date
    admitted: bool
    suspended: bool
    rating: float | None
    ratings: int


SPOTLESS: Final = 100
"""Staff numbers up to here always have their papers in order: a guide may name them."""

KIND_SHARES: Final = {
    Kind.GENERAL: 55.0,
    Kind.CHINESE_MEDICINE: 14.0,
    Kind.WOMEN_CHILDREN: 9.0,
    Kind.CENTRE: 22.0,
}

LIVES_NEARBY: Final = 0.6
"""How likely a nurse lives in the town that she works in."""

RADII_M: Final = {5_000: 15.0, 8_000: 25.0, 10_000: 25.0, 15_000: 22.0, 20_000: 13.0}

MALE: Final = 0.04
SPEAKS_DIALECT: Final = 0.75
LAPSED_CERTIFICATE: Final = 0.01
LAPSED_INSURANCE: Final = 0.01
SUSPENDED: Final = 0.004
NOT_ADMITTED: Final = 0.006
TOO_FEW_YEARS: Final = 0.01
UNRATED: Final = 0.22
DAYS_A_YEAR: Final = 365.25


def hire(
    seed: int, count: int, institutions: Sequence[Institution], areas: Areas, today: date
) -> list[Nurse]:
    """Nurses 1..`count`, over the counties in proportion to their people, in no order of county."""
    employers = {
        county.code: [one for one in institutions if one.county == county.code]
        for county in towns.COUNTIES
    }
    posts_left = {county.code: teams.posts(county) for county in towns.COUNTIES}
    nurses: list[Nurse] = []
    for staff_no, county in _counties(seed, count).items():
        hiring = _Hiring(
            rng=draws.stream(seed, "nurse", staff_no),
            staff_no=staff_no,
            county=county,
            employers=employers[county.code],
            areas=areas,
            today=today,
        )
        post = None
        if duty_of(staff_no) is Duty.FLEXIBLE:
            post = next(posts_left[county.code], None)
        nurses.append(hiring.ordinary() if post is None else hiring.for_post(post))
    return nurses


def _counties(seed: int, count: int) -> dict[int, towns.County]:
    """Each nurse's county. Those without a fixed duty are shared out by themselves, so that also
    the smallest county gets its part of them."""
    weights = {county.code: county.population_k for county in towns.COUNTIES}
    rng = draws.stream(seed, "nurses")
    assigned: dict[int, towns.County] = {}
    for flexible in (True, False):
        numbers = [n for n in range(1, count + 1) if (duty_of(n) is Duty.FLEXIBLE) is flexible]
        quotas = draws.apportion(len(numbers), weights)
        seats = [county for county in towns.COUNTIES for _ in range(quotas[county.code])]
        rng.shuffle(seats)
        assigned.update(zip(numbers, seats, strict=True))
    return dict(sorted(assigned.items()))


@dataclass(frozen=True, slots=True, kw_only=True)
class _Hiring:
    """One nurse in the making; every draw comes from her own stream."""

    rng: random.Random
    staff_no: int
    county: towns.County
    employers: Sequence[Institution]
    areas: Areas
    today: date

    def for_post(self, post: Post) -> Nurse:
        """A certified nurse of the county's home-nursing team: free all day, anywhere in it."""
        rng = self.rng
        hospitals = [one for one in self.employers if one.kind is Kind.GENERAL]
        lat, lng = self._home(post.town)
        return self._nurse(
            institution=rng.choice(hospitals),
            department=post.department,
            town=post.town,
            place=(lat, lng),
            radius_m=_reach_m(lat, lng, self.county, self.areas),
            title=draws.pick(rng, {Title.HUSHI_SHI: 20, Title.ZHUGUAN: 65, Title.FUZHUREN: 15}),
            tier=3,
            specialties=post.specialties,
            faultless=True,
        )

    def ordinary(self) -> Nurse:
        rng = self.rng
        institution = self._employer()
        name = draws.pick(
            rng,
            {
                name: department.shares[institution.kind]
                for name, department in competence.DEPARTMENTS.items()
                if institution.kind in department.shares
            },
        )
        department = competence.DEPARTMENTS[name]
        tier = draws.pick(rng, competence.ORDINARY_TIERS)
        specialties = draws.pick_each(rng, department.odds) if tier > 1 else []
        if not department.specialist.isdisjoint(specialties):
            tier = 3
        nearby = rng.random() < LIVES_NEARBY
        town = self._town(institution.town) if nearby else draws.town_of(rng, self.county)
        return self._nurse(
            institution=institution,
            department=name,
            town=town,
            place=self._home(town),
            radius_m=draws.pick(rng, RADII_M),
            title=draws.pick(rng, competence.TITLE_SHARES),
            tier=tier,
            specialties=specialties,
            faultless=self.staff_no <= SPOTLESS,
        )

    def _nurse(
        self,
        *,
        institution: Institution,
        department: str,
        town: towns.Town,
        place: tuple[float, float],
        radius_m: int,
        title: Title,
        tier: int,
        specialties: Sequence[str],
        faultless: bool,
    ) -> Nurse:
        rng, today = self.rng, self.today
        if faultless and title is Title.HUSHI:
            title = Title.HUSHI_SHI
        gender = "male" if rng.random() < MALE else "female"
        rating, ratings = self._rating()
        return Nurse(
            staff_no=self.staff_no,
            name=people.name(rng, gender),
            gender=gender,
            phone=f"+86139{self.staff_no:08d}",
            institution=institution.code,
            department=department,
            county=self.county.code,
            town=town.name,
            lat=place[0],
            lng=place[1],
            radius_m=radius_m,
            title=title,
            tier=tier,
            specialties=tuple(sorted({"general_nursing", *specialties})),
            languages=self._languages(),
            first_practised_on=self._first_practised_on(title, faultless=faultless),
            registration_no=f"DEMO{self.staff_no:08d}",
            certificate_valid_until=today
            + timedelta(
                days=rng.randint(-200, -1)
                if self._unlucky(LAPSED_CERTIFICATE, faultless=faultless)
                else rng.randint(120, 5 * 365)
            ),
            insurance_valid_until=today
            + timedelta(
                days=rng.randint(-60, -1)
                if self._unlucky(LAPSED_INSURANCE, faultless=faultless)
                else rng.randint(120, 365)
            ),
            admitted=not self._unlucky(NOT_ADMITTED, faultless=faultless),
            suspended=self._unlucky(SUSPENDED, faultless=faultless),
            rating=rating,
            ratings=ratings,
        )

    def _employer(self) -> Institution:
        kinds = {one.kind for one in self.employers}
        kind = draws.pick(
            self.rng, {kind: share for kind, share in KIND_SHARES.items() if kind in kinds}
        )
        return self.rng.choice([one for one in self.employers if one.kind is kind])

    def _town(self, name: str) -> towns.Town:
        return next(town for town in self.county.towns if town.name == name)

    def _home(self, town: towns.Town) -> tuple[float, float]:
        return draws.place_near(
            self.rng, town, self.county, self.areas, snap_m=geometry.DISPATCH_POINT_M
        )

    def _first_practised_on(self, title: Title, *, faultless: bool) -> date:
        least, most = competence.YEARS[title]
        years = self.rng.uniform(least, most + 1)
        if title is Title.HUSHI_SHI and self._unlucky(TOO_FEW_YEARS, faultless=faultless):
            years = self.rng.uniform(4, 4.9)
        # A day past the full year, so that leap years never leave her one day short of it.
        return self.today - timedelta(days=math.ceil(years * DAYS_A_YEAR) + 1)

    def _languages(self) -> tuple[str, ...]:
        odds = {"zh": 1.0, self.county.dialect: SPEAKS_DIALECT, "en": 0.04, "csl": 0.004}
        return tuple(draws.pick_each(self.rng, odds))

    def _rating(self) -> tuple[float | None, int]:
        # 36,000 visits of 4,117 nurses: most have few or none, some have very many.
        count = 0 if self.rng.random() < UNRATED else int(self.rng.lognormvariate(1.86, 1.1))
        score = round(min(5.0, max(4.2, self.rng.gauss(4.86, 0.12))), 2)
        return (score, count) if count else (None, 0)

    def _unlucky(self, odds: float, *, faultless: bool) -> bool:
        return self.rng.random() < odds and not faultless


def _reach_m(lat: float, lng: float, county: towns.County, areas: Areas) -> int:
    """The radius around a place that covers all of its county, in full kilometres."""
    plane = geometry.JINHUA
    home = plane.project(lat, lng)
    outline = areas.by_code[county.code].outline
    furthest_m = max(
        math.dist(home, plane.project(y, x)) for x, y in shapely.get_coordinates(outline)
    )
    return math.ceil(furthest_m / 1000) * 1000
