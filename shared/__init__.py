"""What kiosk, display and staff console share."""
