import pytest

from fairlead.domain.activity import model_names, tool_name


@pytest.mark.parametrize(
    ("told", "kept"),
    [
        ("Claude Code", "claude_code"),
        ("claude-code", "claude_code"),
        ("ClaudeCode", "claude_code"),
        ("CLAUDECODE", "claude_code"),
        ("claude", "claude_code"),
        ("Cursor", "cursor"),
        ("cursor", "cursor"),
        ("GitHub Copilot", "copilot"),
        ("github-copilot", "copilot"),
        ("COPILOT", "copilot"),
        ("Windsurf", "windsurf"),
        ("Amazon Q Developer", "amazon_q_developer"),
        ("  gemini -- CLI ", "gemini_cli"),
        ("Codeium.v2", "codeium_v2"),
        ("通义灵码", "通义灵码"),
        ("Größe Neu", "größe_neu"),
        ("!!!", "!!!"),
        ("  ", ""),
    ],
)
def test_a_tool_has_one_name(told: str, kept: str) -> None:
    assert kept == tool_name(told)


def test_the_name_of_a_tool_is_its_own_name() -> None:
    for told in ("Claude Code", "Amazon Q Developer", "通义灵码", "!!!"):
        assert tool_name(told) == tool_name(tool_name(told))


def test_models_are_in_lower_case_each_once_in_order() -> None:
    assert ("gpt-5", "claude-sonnet-4.5") == model_names(("GPT-5", " Claude-Sonnet-4.5 ", "gpt-5", "", " "))
