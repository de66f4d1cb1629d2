"""The firms of the demonstration. Real ones carry public facts only; each refusal and suspension is an invented firm's.

What PVARA is shown to think of a real firm here (its score, its case) is made up; the banner on every page says so.
"""

from dataclasses import dataclass
from datetime import date
from typing import Any


@dataclass(frozen=True)
class DemoFirm:
    """A firm and how far along the path the demonstration shows it: `stage` is a phase and a state."""

    key: str
    legal_name: str
    trading_name: str
    country: str
    stage: str
    home_regulator: str = ""
    website: str = ""
    public_note: str = ""
    invented: bool = False
    # What supervision found since the licence: so many days ago, which criterion, and what it was rated then.
    found_since: tuple[tuple[int, str, int], ...] = ()


REAL = (
    DemoFirm(
        "binance",
        "Binance (group)",
        "Binance",
        "Not stated",
        "setup:begun",
        "ADGM Financial Services Regulatory Authority",
        "https://www.binance.com",
        "PVARA issued a No Objection Certificate on 12 December 2025. On the same day the Ministry of Finance and "
        "Binance Investments Co., Ltd. signed a non-binding memorandum of understanding.",
    ),
    DemoFirm(
        "htx",
        "Huobi Global S.A. (HTX)",
        "HTX",
        "Panama",
        "setup:open",
        "",
        "https://www.htx.com",
        "PVARA issued a No Objection Certificate on 12 December 2025. Formerly known as Huobi.",
    ),
    DemoFirm(
        "okx",
        "OKX (group)",
        "OKX",
        "Not stated",
        "noc:under_assessment",
        "Malta Financial Services Authority (MiCA)",
        "https://www.okx.com",
        "Authorised under MiCA through Malta (2025).",
    ),
    DemoFirm(
        "coinbase",
        "Coinbase (group)",
        "Coinbase",
        "United States",
        "noc:submitted",
        "CSSF Luxembourg (MiCA)",
        "https://www.coinbase.com",
        "Listed on NASDAQ; authorised under MiCA through Luxembourg.",
    ),
    DemoFirm(
        "kraken",
        "Kraken (group)",
        "Kraken",
        "United States",
        "noc:submitted",
        "Central Bank of Ireland (MiCA)",
        "https://www.kraken.com",
        "Authorised under MiCA through Ireland, including a trading platform.",
    ),
    DemoFirm(
        "bybit", "Bybit (group)", "Bybit", "Not stated", "noc:draft", "FMA Austria (MiCA)", "https://www.bybit.com"
    ),
)

INVENTED = (
    DemoFirm(
        "indus",
        "Indus Exchange (invented) Limited",
        "Indus Exchange (invented)",
        "Singapore",
        "licence:active",
        "Monetary Authority of Singapore",
        invented=True,
        found_since=((5, "9.2", 2), (4, "6.2", 2), (3, "8.3", 3), (3, "1.4", 3), (2, "6.2", 3), (1, "11.1", 3)),
    ),
    DemoFirm(
        "ravi",
        "Ravi Digital Markets (invented) Limited",
        "Ravi Digital Markets (invented)",
        "Malta",
        "licence:suspended",
        "Malta Financial Services Authority",
        invented=True,
        found_since=((5, "3.4", 2), (4, "2.3", 2), (4, "4.1", 3), (3, "6.1", 2), (3, "9.2", 1), (2, "5.4", 1)),
    ),
    DemoFirm(
        "khyber",
        "Khyber Coin House (invented) Limited",
        "Khyber Coin House (invented)",
        "Seychelles",
        "noc:refused",
        invented=True,
    ),
    DemoFirm(
        "margalla",
        "Margalla Markets (invented) Limited",
        "Margalla Markets (invented)",
        "United Kingdom",
        "noc:recommended",
        "Financial Conduct Authority",
        invented=True,
    ),
    DemoFirm(
        "chenab",
        "Chenab Exchange (invented) Limited",
        "Chenab Exchange (invented)",
        "Ireland",
        "full:under_assessment",
        "Central Bank of Ireland",
        invented=True,
    ),
    DemoFirm(
        "sutlej",
        "Sutlej Trading (invented) Limited",
        "Sutlej Trading (invented)",
        "United Arab Emirates",
        "setup:complete",
        "VARA",
        invented=True,
    ),
    DemoFirm(
        "gilgit",
        "Gilgit Digital (invented) Limited",
        "Gilgit Digital (invented)",
        "Malta",
        "noc:returned",
        "Malta Financial Services Authority",
        invented=True,
    ),
    DemoFirm("hunza", "Hunza Ledger (invented) Inc.", "Hunza Ledger (invented)", "Panama", "noc:asked", invented=True),
    DemoFirm(
        "swat",
        "Swat Valley Coins (invented) Limited",
        "Swat Valley Coins (invented)",
        "Seychelles",
        "noc:minded_to_refuse",
        invented=True,
    ),
    DemoFirm(
        "kalat",
        "Kalat Custody (invented) Pte. Ltd.",
        "Kalat Custody (invented)",
        "Singapore",
        "noc:late",
        "Monetary Authority of Singapore",
        invented=True,
    ),
)

MOU: dict[str, Any] = {
    "title": "Memorandum of understanding on the tokenisation of sovereign assets",
    "state_party": "Ministry of Finance",
    "counterparty": "Binance Investments Co., Ltd.",
    "signed_on": date(2025, 12, 12),
    "non_binding": True,
    "scope": "To explore the tokenisation of up to US$2bn of sovereign bonds, treasury bills and commodity reserves, "
    "subject to approvals; technical expertise, advice and training. Non-binding, not exclusive.",
    "source": "https://www.pakistantv.com/article/pakistan-signs-2-billion-blockchain-deal-with-binance-for-government-assets",
}

# What the memorandum says that the firm may give; no date was announced, and nothing is known of any delivery.
MOU_HELP: tuple[dict[str, Any], ...] = (
    {"kind": "expertise", "title": "Technical expertise", "description": "As the memorandum names it."},
    {"kind": "advice", "title": "Advice", "description": "As the memorandum names it."},
    {"kind": "training", "title": "Training and capacity building", "description": "As the memorandum names it."},
)
