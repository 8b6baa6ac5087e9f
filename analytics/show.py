"""What a notebook shows: its answer first, cards, and what to decide last."""

from IPython.display import Markdown, display

from analytics.card import Card, Report
from analytics.decide import as_list, as_table, plain


def opening(report: Report) -> Markdown:
    """The answer in one sentence, and what it is about."""
    return Markdown(f"**{plain(report.answer)}**\n\n*{report.header}*")


def show(card: Card, *, table: bool = True) -> None:
    """The sentence, the figure, the table behind it, the footer."""
    display(Markdown(f"**{plain(card.sentence)}**"))
    if card.draw is not None:
        display(card.figure())
    if table and len(card.table):
        display(Markdown(as_table(card.table)))
    display(Markdown(f"*{plain(card.footer)}*"))


def how(*reports: Report) -> Markdown:
    """How each number was found, once each."""
    said = dict.fromkeys(plain(card.how_we_know) for report in reports for card in report.cards)
    return Markdown("\n\n".join(said))


def decide(*reports: Report) -> Markdown:
    """What the reader is asked to decide, once each."""
    return Markdown(as_list(list(dict.fromkeys(plain(line) for report in reports for line in report.decide))))
