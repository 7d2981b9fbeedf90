"""Outbound campaigns on the screen: list, plan, the board that follows the calls, who was not called and why."""
