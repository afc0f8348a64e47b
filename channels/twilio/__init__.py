"""The phone, text messages and WhatsApp, by Twilio."""
