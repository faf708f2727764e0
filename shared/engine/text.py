"""How texts of people are compared: letters that look the same are the same, however they were typed."""

from unicodedata import is_normalized, normalize


def comparable(text: str) -> str:
    """The form in which texts are compared, looked up and made ids of (Unicode NFC). What was written stays as it is.

    Some keyboards and file systems send Hangul decomposed, a syllable in its letters; nobody sees the difference.
    """
    return text if is_normalized("NFC", text) else normalize("NFC", text)
