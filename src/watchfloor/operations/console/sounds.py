"""Plays the demo's sounds: a soft, wordless melody as a WAV, the same for the same name."""

import io
import wave

import numpy as np

RATE = 8_000
LONGEST_SECONDS = 60
_NOTES_HZ = (220.0, 246.9, 277.2, 329.6, 370.0, 440.0)


def melody(*, seed: int, seconds: int) -> bytes:
    """Return a mono 8-bit WAV of `seconds`, at most a minute."""
    length = max(1, min(seconds, LONGEST_SECONDS))
    rng = np.random.default_rng(seed)
    time = np.arange(length * RATE) / RATE
    note = rng.choice(_NOTES_HZ, size=length * 2)[(time * 2).astype(int)]
    into = time * 2 % 1
    envelope = np.minimum(into * 12, 1) * np.exp(-2.2 * into)
    wave_form = np.sin(2 * np.pi * note * time) + 0.3 * np.sin(4 * np.pi * note * time)
    samples = np.clip(128 + 46 * envelope * wave_form, 0, 255).astype(np.uint8)
    written = io.BytesIO()
    with wave.open(written, "wb") as file:
        file.setnchannels(1)
        file.setsampwidth(1)
        file.setframerate(RATE)
        file.writeframes(samples.tobytes())
    return written.getvalue()
