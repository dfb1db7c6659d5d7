"""The picture of what comes back after pooling, by its command."""

import pytest

import jaxreview as jr

import unpooling

pytest.importorskip("sklearn")


def test_the_command_writes_a_picture(tmp_path, capsys):
    image = pytest.importorskip("matplotlib.image")
    file = tmp_path / "picture.png"
    unpooling.main(["--out", str(file), "--steps", "2"])
    assert image.imread(file).shape[-1] in (3, 4)
    assert "max_unpool" in capsys.readouterr().out


def test_errors_are_in_the_order_they_must_be():
    photo = unpooling.photograph()
    errors = {title.replace("\n", " "): unpooling.error(picture, photo) for title, picture in unpooling.brought_back(photo, 50).items()}
    assert errors["pixel_shuffle of pixel_unshuffle: lossless"] == 0.0
    assert errors["max_unpool by max_pool's indices"] < errors["zero_unpool first corner"]
    assert errors["conv_transpose after 50 steps of Adam"] < min(error for title, error in errors.items() if "resize" in title or "bilinear" in title)
    assert unpooling.error(1.0 - jr.relu(photo) * 0.0, photo * 0.0) == 255.0


@pytest.mark.parametrize(("arguments", "says"), [(["--out", "no/such/folder/x.png"], "no folder"), (["--out", "x.png", "--steps", "0"], "at least 1")])
def test_it_refuses(arguments, says, capsys):
    with pytest.raises(SystemExit):
        unpooling.main(arguments)
    assert says in capsys.readouterr().err
