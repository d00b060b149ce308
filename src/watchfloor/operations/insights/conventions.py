"""Says a definition's conventions in words: what places a row in time, how it adds up, which interval."""

from django.utils.translation import gettext

from watchfloor.metrics.definition import Definition


def conventions(definition: Definition) -> dict[str, str]:
    """Return time basis, aggregation and interval of a definition in the language in force, codes kept."""
    basis = {
        "ENQ": gettext("by the instant of enqueue"),
        "DONE": gettext("by the instant of completion"),
        "DUE": gettext("by the deadline"),
        "SNAP": gettext("as it stands at an instant"),
        "CLOCK": gettext("clock time inside the period"),
        "FOLLOW": gettext("by the original decision, followed up"),
        "DONE/ENQ": gettext("completions over enqueues of the period"),
    }
    additivity = {
        "ADD": gettext("may be summed"),
        "SEMI": gettext("summed over entities, never over time"),
        "RATIO": gettext("sum over sum, never averaged"),
        "NON": gettext("needs the distribution"),
        "EST": gettext("re-estimated from weighted units"),
    }
    interval = {
        "none": gettext("a count of everything has none"),
        "CB": gettext("ratio over clusters"),
        "OB": gettext("proportion with overdispersion"),
        "NE": gettext("Wilson with effective n"),
        "FPC": gettext("Wilson with effective n, finite population"),
        "EB": gettext("empirical Bayes posterior"),
        "OS": gettext("order statistics"),
        "PX": gettext("exact Poisson"),
        "W": gettext("Wilson"),
        "CP": gettext("Clopper–Pearson"),
        "KM": gettext("Kaplan–Meier, log-log bounds"),
        "BB": gettext("blocks of one day"),
        "FQ": gettext("percentiles of the forecast, added up"),
        "CS": gettext("confidence sequence"),
    }
    clusters = {"reviewer": gettext("clusters: reviewers"), "day": gettext("clusters: days")}
    clusters |= {"object": gettext("clusters: objects"), "item": gettext("clusters: items")}
    method, cluster = definition.interval.method, definition.interval.cluster
    said = [interval.get(method, method), *([clusters[cluster]] if cluster in clusters else [])]
    return {
        "time_basis": f"{definition.time_basis}: {basis.get(definition.time_basis, '')}",
        "additivity": f"{definition.additivity}: {additivity.get(definition.additivity, '')}",
        "interval": f"{method}: {', '.join(said)}" if method != "none" else said[0],
    }
