"""Paper tickets, from a receipt printer that speaks ESC/POS.

The printer belongs to a process of its own, :mod:`kiosk.paper.child`, the only one that loads
python-escpos. What the kiosk uses is :mod:`kiosk.paper.printing`, which gives that process
:mod:`receipts <kiosk.paper.receipts>` and does not wait for it longer than a resident would.
"""
