"""What reviewers note, judge and sign, beside a record that nothing here touches."""

from gaseol.traces.review.book import add, add_all, check, drafts_in, mend, reviews, take_in
from gaseol.traces.review.entry import Entry

__all__ = ["Entry", "add", "add_all", "check", "drafts_in", "mend", "reviews", "take_in"]
