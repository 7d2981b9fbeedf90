"""The migrations make exactly the tables that the models describe."""

from crm_core.migrate import differences, upgrade


def test_migrations_and_models_agree(database_url: str):
    assert differences(database_url) == []


def test_upgrading_twice_changes_nothing(database_url: str):
    upgrade(database_url)
    assert differences(database_url) == []
