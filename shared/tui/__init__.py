"""What the Textual apps share: big text and the QR code."""
