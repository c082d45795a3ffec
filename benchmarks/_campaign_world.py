"""Invented statements about calls, a million if need be, in campaigns of all sizes and in none.

Words occur as words do: by Zipf and Mandelbrot's law (the ten commonest telling ones are a twelfth
of all, as in the tests' comments; of Chinese characters, a thousand are nine tenths), with a
favourite neighbour each, and with new ones (names, slips of the pen) that never end.

Half of all statements tell of a call of their own; some say nothing ("spam call"); the rest belong
to campaigns, of which the largest have one in twenty, one in fifty and one in a hundred of all
statements, and the others sizes by Pareto's law. A campaign is a recorded script, misheard and
cut; a message that is copied with other figures; or what people remember of it in words of their
own. Three in ten are Chinese.

Lengths are those of the recorded calls and of the tests' comments: 11 to 60 telling words in a
script (median 20), 3 to 13 in an English comment (8), 4 to 26 characters in a Chinese one (17).
"""

import random
from collections.abc import Iterator
from itertools import accumulate
from math import exp
from typing import Any, Final

VOCABULARY: Final = 60_000
NEW: Final = 0.01  # of all words, that nobody used before
NEIGHBOUR: Final = 0.15  # of all words, that follow the one before as they mostly do
FILLER: Final = 0.5  # common words for each that tells something
CHINESE: Final = 0.3
GENERIC: Final = 0.1  # of all statements
ALONE: Final = 0.5
LARGEST: Final = (0.05, 0.02, 0.01)
OTHERS: Final = 0.002  # of all statements, at most in any other campaign
NOISE: Final = 0.05  # words that the transcription got wrong
SCRIPT: Final = 24  # telling words in those of the largest campaigns
GIST: Final = 12  # words of a call that people may remember
DAYS: Final = 180.0
HOTLINE: Final = "+18005550199"

ENGLISH_FILLER: Final = ("the", "to", "and", "they", "a", "of", "was", "my", "said", "call", "me")
CHINESE_FILLER: Final = ("的", "了", "我", "是", "说", "我们", "就", "都", "也", "您")
ENGLISH_GENERIC: Final = (
    "spam call|scam|robocall, hung up|they never stop calling|silence|unknown caller, blocked|"
    "telemarketer again|fraud, do not answer|no voicemail left"
)
CHINESE_GENERIC: Final = (
    "骚扰电话|诈骗电话 大家注意|一接就挂|推销 很烦|响一声就挂断|骗子|又打来 拉黑"
)


class Language:
    """A vocabulary in the order of its use, and what stands between its words."""

    def __init__(self, chance: random.Random, words: list[str], *, chinese: bool) -> None:
        self.chinese = chinese
        self._chance = chance
        self._words = words
        self._cumulative = list(accumulate(1 / (rank + 10) for rank in range(len(words))))
        self._follows = {
            word: words[min(int(chance.paretovariate(0.5)), len(words) - 1)] for word in words
        }

    def text(self, length: int) -> list[str]:
        chance = self._chance
        drawn = chance.choices(self._words, cum_weights=self._cumulative, k=length)
        for place in range(1, length):
            what = chance.random()
            if what < NEIGHBOUR:
                drawn[place] = self._follows.get(drawn[place - 1], drawn[place])
            elif what > 1 - NEW:
                drawn[place] = self.invented()
        return drawn

    def any(self) -> str:
        return self._chance.choices(self._words, cum_weights=self._cumulative)[0]

    def invented(self) -> str:
        if self.chinese:
            return "".join(chr(self._chance.randrange(0x4E00, 0x9FA0)) for _ in range(2))
        return "".join(self._chance.choices("abcdefghiklmnoprstuvwy", k=8))

    def write(self, words: list[str]) -> str:
        """The words as somebody writes them: with the common ones that tell nothing."""
        filler = CHINESE_FILLER if self.chinese else ENGLISH_FILLER
        said = []
        for word in words:
            if self._chance.random() < FILLER:
                said.append(self._chance.choice(filler))
            said.append(word)
        return "".join(said) if self.chinese else " ".join(said)


class World:
    """Two languages, and statements in them."""

    def __init__(self, seed: int) -> None:
        self.chance = chance = random.Random(seed)
        letters, endings = "bcdfghklmnprstvw", "bdfglmnrst"
        english = [
            "".join(
                chance.choice(letters) + chance.choice("aeiou") for _ in range(chance.randint(1, 4))
            )
            + endings[rank % 10]
            for rank in range(VOCABULARY)
        ]
        characters = [chr(place) for place in chance.sample(range(0x4E00, 0x9FA0), 3000)]
        weights = list(accumulate(exp(-rank / 450) for rank in range(len(characters))))
        chinese = [
            "".join(chance.choices(characters, cum_weights=weights, k=chance.choice((1, 2, 2, 3))))
            for _ in range(VOCABULARY)
        ]
        self.english = Language(chance, english, chinese=False)
        self.han = Language(chance, chinese, chinese=True)
        self.text = self.english.text

    def statements(self, count: int) -> list[dict[str, Any]]:
        """Statements in the order of time, with their campaign, or None, as `truth`."""
        made = list(self._all(count))
        for statement in made:
            statement["at"] = self.chance.random() * DAYS
            statement["reporter"] = self.chance.randrange(max(count // 2, 2))
        made.sort(key=lambda statement: statement["at"])
        for place, statement in enumerate(made):
            statement["id"] = place
        return made

    def _all(self, count: int) -> Iterator[dict[str, Any]]:
        for _ in range(int(count * GENERIC)):
            generic = CHINESE_GENERIC if self.chance.random() < CHINESE else ENGLISH_GENERIC
            yield {"text": self.chance.choice(generic.split("|")), "truth": None}
        for _ in range(int(count * ALONE)):
            language = self._language()
            yield self._with_marks(language.write(language.text(self._short())), None, 1)
        left = count - int(count * GENERIC) - int(count * ALONE)
        campaign = 0
        while left:
            if campaign < len(LARGEST):
                size = int(count * LARGEST[campaign])
            else:
                size = int(2 * self.chance.paretovariate(0.9))
                size = min(size, max(2, int(count * OTHERS)))
            size = min(size, left)
            tell = self._tells(is_script=campaign < len(LARGEST))
            for _ in range(size):
                yield self._with_marks(tell(), campaign, size)
            left -= size
            campaign += 1

    def _language(self) -> Language:
        return self.han if self.chance.random() < CHINESE else self.english

    def _short(self) -> int:
        return min(40, max(2, round(self.chance.lognormvariate(2.1, 0.5))))

    def _tells(self, *, is_script: bool) -> Any:
        """A function that writes another statement of one campaign."""
        chance, language = self.chance, self._language()
        shape = 0.0 if is_script else chance.random()
        if shape < 0.5:
            length = SCRIPT if is_script else round(chance.lognormvariate(3.0, 0.4))
            script = language.text(min(60, max(11, length)))
            return lambda: language.write(self._heard(language, script))
        if shape < 0.7:
            message = language.write(language.text(self._short() + 8))
            return lambda: f"{message} {chance.randrange(10**6)}"
        gist = language.text(GIST)

        def remembered() -> str:
            told = chance.sample(gist, chance.randint(3, 6)) + language.text(self._short() // 2)
            chance.shuffle(told)
            return language.write(told)

        return remembered

    def _heard(self, language: Language, script: list[str]) -> list[str]:
        chance, length = self.chance, len(script)
        start = chance.randrange(length // 3) if chance.random() < 0.5 else 0
        end = length - chance.randrange(length // 3) if chance.random() < 0.5 else length
        return [language.any() if chance.random() < NOISE else word for word in script[start:end]]

    def _with_marks(self, text: str, campaign: int | None, size: int) -> dict[str, Any]:
        """The statement, now and then with a number to call back or a claimed name."""
        made: dict[str, Any] = {"text": text, "truth": campaign}
        if campaign is not None and self.chance.random() < 0.15:
            line = self.chance.randrange(1 + size // 50)
            made["callback_number"] = f"+1{2_000_000_000 + campaign * 1000 + line}"
        elif self.chance.random() < 0.005:
            made["callback_number"] = HOTLINE
        if campaign is not None and self.chance.random() < 0.05:
            made |= {"claimed_name": f"Firm {campaign}", "act": "scam"}
        return made
