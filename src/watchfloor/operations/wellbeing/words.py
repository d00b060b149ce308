"""The words for what wellbeing shows, and what is known of each measure."""

from dataclasses import dataclass

from django.utils.translation import get_language, gettext

from watchfloor.operations.wellbeing.models import Topic


def class_names() -> dict[str, str]:
    """Return the words for wellness classes."""
    return {"standard": gettext("Standard"), "elevated": gettext("Elevated"), "severe": gettext("Severe")}


def span_names() -> dict[str, str]:
    """Return the words for the spans of a cap."""
    return {"hour": gettext("an hour"), "day": gettext("a day"), "week": gettext("a week")}


def measure_names() -> dict[str, str]:
    """Return the words for what a cap counts."""
    return {"cases": gettext("cases"), "minutes": gettext("minutes")}


def aspect_names() -> dict[str, str]:
    """Return the words for how media may be shown."""
    return {
        "muted": gettext("Muted"),
        "paused": gettext("Paused until played"),
        "blurred": gettext("Blurred until revealed"),
        "grey": gettext("Grey"),
        "notice": gettext("Notice before content"),
    }


def contact_names() -> dict[str, str]:
    """Return the words for kinds of contact."""
    return {"peer": gettext("Peer"), "clinician": gettext("Clinician"), "helpline": gettext("Helpline")}


def incident_state_names() -> dict[str, str]:
    """Return the words for where a private record stands."""
    return {"open": gettext("Waiting"), "in_contact": gettext("In contact"), "closed": gettext("Closed")}


def topic_name(topic: Topic) -> str:
    """Return a topic's name in the language in force."""
    chinese = (get_language() or "en").startswith("zh")
    return topic.name_zh_hans if chinese and topic.name_zh_hans else topic.name


@dataclass(frozen=True, slots=True)
class Known:
    """What is known of a measure, how firmly, and what the product does with it."""

    measure: str
    firmness: str
    evidence: str
    behaviour: str
    source: str = ""


def evidence() -> list[Known]:
    """Return what the literature shows of each measure, in plain words, with its sources."""
    mixed, weak, none = gettext("Mixed"), gettext("Weak"), gettext("None published")
    some, one = gettext("Some"), gettext("One study")
    return [
        Known(
            gettext("Grey pictures"),
            mixed,
            gettext(
                "In live reviews grey changed how strongly content was felt, at little cost. Two later "
                "trials with 309 and 365 people found no less anxiety, bad mood or intruding images with "
                "blur or grey."
            ),
            gettext("On for severe content, and yours to turn off. We do not claim that it prevents harm."),
            "Karunakaran & Ramakrishnan, HCOMP 2019 · Lewitzka et al., Psychological Research 2026",
        ),
        Known(
            gettext("Blur with reveal on demand"),
            some,
            gettext(
                "Less emotional impact without loss of accuracy or speed in one trial; a full blur that "
                "stays was hard to work with."
            ),
            gettext(
                "On for severe content; one key reveals. What is revealed counts as seen, for nothing else."
            ),
            "Das, Dang & Lease, HCOMP 2020 · Karunakaran & Ramakrishnan, HCOMP 2019",
        ),
        Known(
            gettext("Muted, nothing plays by itself"),
            gettext("No trial"),
            gettext(
                "Industry guidance, and the Scola v. Facebook settlement of 52 million dollars, which "
                "required better tools and counselling. No trial has tested these defaults."
            ),
            gettext("On for every class, and yours to change; the transcript stands beside the player."),
            "Scola v. Facebook, settlement 2020",
        ),
        Known(
            gettext("Something pleasant in between"),
            one,
            gettext(
                "Of six interventions, pleasant items in between and cartoon rendering lessened bad feelings."
            ),
            gettext("Not built in."),
            "DIS 2024",
        ),
        Known(
            gettext("Exposure caps"),
            none,
            gettext(
                "Unions ask for them. Nobody has shown how much is too much: there is no safe dose to quote."
            ),
            gettext(
                "Off until somebody here sets a number. Then the router keeps to it; more needs a reason."
            ),
            gettext("Demands of unions, 2025"),
        ),
        Known(
            gettext("Rotation and alternating severity"),
            weak,
            gettext("Practice, and the logic of trauma-informed work; few measurements."),
            gettext("A most of severe cases in a row, then others or time in between. Off until set."),
        ),
        Known(
            gettext("Breaks by right"),
            gettext("Harm without"),
            gettext("Reports from the press tell of locked screens and warnings after minutes of pause."),
            gettext(
                "A minute is one key away, without a reason. It is outside adherence and utilisation, and "
                "what you held goes back without a mark."
            ),
        ),
        Known(
            gettext("Topics you are not given"),
            gettext("Practice"),
            gettext("Usual at careful employers; its effect has not been measured."),
            gettext(
                "Private: the router keeps the topic from you; only you and the wellbeing role "
                "can read which."
            ),
        ),
        Known(
            gettext("Notice before content"),
            some,
            gettext("A study of startle with vendors found that knowing what comes, and why, matters."),
            gettext("Kind and class of the content stand on the card before anything loads."),
        ),
        Known(
            gettext("Private support, and help afterwards"),
            none,
            gettext("Companies describe it in their filings; effects are unpublished."),
            gettext("Contacts on your page, and a record that only the wellbeing role can read."),
        ),
    ]
