"""What a review puts in front of the people who read it: questions to answer, computed, most pressing first."""

import pandas as pd

from analytics import response, words
from analytics.answer import TITLES, VERBS, Answer, Review

MET = 0.9  # a target met nine times in ten is left alone
OLD = 7 * 1440.0


def what_to_decide(review: Review) -> list[str]:
    """Sentences to decide about; never empty: where nothing presses, that is said."""
    if not response.how_much_we_say(max(review.acknowledge.n, review.resolve.n)).median:
        return [
            f"Nothing yet: {words.count(review.resolve.n, review.noun)} are too few."
            " Widen the window and look again."
        ]
    found = [
        *_records_first(review.resolve),
        *_missed(review.acknowledge),
        *_missed(review.resolve),
        *_ageing(review.resolve),
        *_slower(review.acknowledge),
        *_slower(review.resolve),
    ]
    return found or [
        "Nothing presses: targets are met nine times in ten and nothing got slower. Keep the effort as it is."
    ]


def _records_first(answer: Answer) -> list[str]:
    if not answer.beside:
        return []
    return [
        f"Who records when it was over? {words.count(answer.unknown, answer.noun)} were closed without a"
        f" resolve time. {answer.beside} Until then the figures below are the known part."
    ]


def _missed(answer: Answer) -> list[str]:
    """Severities that are said (n of 6 and more) and met their target less than nine times in ten."""
    table = answer.table
    missed = table[(table["n"] >= 6) & (table["share"] < MET)]
    return [
        f"{name}: {words.share(row['share'])} {VERBS[answer.metric]} within {words.duration(row['target'])}"
        f" (n {int(row['n']):,}). Is it the target that is wrong, or the response?"
        for name, row in missed.iterrows()
    ]


def _ageing(answer: Answer) -> list[str]:
    rows = response.counted(answer.durations)
    is_old = (rows["end"] == response.STILL_OPEN) & (rows["minutes"] > OLD)
    old = rows.loc[is_old.to_numpy()].sort_values("minutes", ascending=False)
    if old.empty:
        return []
    ids = words.listed([str(name) for name in old.index])
    return [
        f"{words.count(len(old), answer.noun)} open for over a week: {ids}. Whose are they, or are they over?"
    ]


def _slower(answer: Answer) -> list[str]:
    if "slower" not in answer.change:
        return []
    return [f"{TITLES[answer.metric]} is {answer.change}. What changed, and does it stay?"]


def as_list(sentences: list[str]) -> str:
    """The sentences as a Markdown list."""
    return "\n".join(f"- {sentence}" for sentence in sentences)


def as_table(rows: pd.DataFrame) -> str:
    """A table of words as Markdown."""
    head = [str(name) for name in rows.columns]
    cells = [[plain(str(cell)) for cell in line] for line in rows.astype("str").to_numpy()]
    return "\n".join("| " + " | ".join(line) + " |" for line in [head, ["---"] * len(head), *cells])


def plain(sentence: str) -> str:
    """Words that came with the data, so that none of them is Markdown or HTML."""
    return "".join(
        f"\\{letter}" if letter in "\\*_`<>[]|#" else letter for letter in sentence.replace("\n", " ")
    )
