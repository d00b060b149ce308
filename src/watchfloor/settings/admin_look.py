"""The administration's colours: django-unfold's scales, made of the tokens of the pages.

Unfold takes links and buttons from 600 in the light theme and from 500 in the dark one; surfaces, rules and
texts come from the greys. A test holds the steps that are tokens to `shell/css/tokens.css`.
"""

PRIMARY = {
    "50": "#f4f7fd",
    "100": "#e8eefb",
    "200": "#cddbf6",
    "300": "#a9c2f5",
    "400": "#84a9ff",
    "500": "#6790f0",
    "600": "#2455c3",
    "700": "#1d469f",
    "800": "#1c3a7e",
    "900": "#1b2947",
    "950": "#0b1222",
}
GREYS = {
    "50": "#f8f9fb",
    "100": "#eef0f4",
    "200": "#e2e5ea",
    "300": "#cdd3db",
    "400": "#8d99a8",
    "500": "#5f6b7a",
    "600": "#465261",
    "700": "#384453",
    "800": "#252e39",
    "900": "#141a21",
    "950": "#0d1116",
}
FONT = {
    "subtle-light": "var(--color-base-500)",
    "subtle-dark": "var(--color-base-400)",
    "default-light": "var(--color-base-600)",
    "default-dark": "#b0bbc8",
    "important-light": "#141b24",
    "important-dark": "#e8edf3",
}
COLORS = {"base": GREYS, "primary": PRIMARY, "font": FONT}
