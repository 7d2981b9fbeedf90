"""The migrations make exactly the tables that the models describe."""

from pathlib import Path

from alembic import command
from sqlalchemy import create_engine, text

from crm_core.migrate import _config, differences, upgrade


def test_migrations_and_models_agree(database_url: str):
    assert differences(database_url) == []


def test_upgrading_twice_changes_nothing(database_url: str):
    upgrade(database_url)
    assert differences(database_url) == []


def test_team_names_of_an_older_site_become_teams_and_its_queues_get_neutral_settings(tmp_path: Path):
    engine = create_engine(f"sqlite:///{tmp_path / 'old.db'}")
    with engine.begin() as connection:
        command.upgrade(_config(connection), "0002")
        user = "INSERT INTO user_account VALUES (:id, :number, 'x', '', 'x', 'agent', 'en', 'light', NULL)"
        for number, team in ((1, "话务一组"), (2, "话务二组"), (3, "")):
            connection.execute(text(user), {"id": number, "number": f"100{number}"})
            connection.execute(text("INSERT INTO agent VALUES (:id, :team, '')"), {"id": number, "team": team})
        connection.execute(
            text("INSERT INTO queue VALUES ('repair', '售后', 'Repair', 'repair', 1, 0, 20, 30, 20, 80, 5)")
        )
    with engine.begin() as connection:
        command.upgrade(_config(connection), "0003")
        rows = connection.execute(text("SELECT team.name_zh FROM agent LEFT JOIN team ON team.id = agent.team")).all()
        queue = connection.execute(text("SELECT strategy, levels, is_open_for_calls FROM queue")).one()
        assert [name for (name,) in rows] == ["话务一组", "话务二组", None]
        assert tuple(queue) == ("best_skill", "[]", 1)
        command.downgrade(_config(connection), "0002")
        assert connection.execute(text("SELECT team FROM agent ORDER BY user_id")).scalars().all() == [
            "话务一组",
            "话务二组",
            "",
        ]
    engine.dispose()
