"""The trade: orders, offers, visits, alarms. Owns every transaction and every SQL statement."""
