import pytest
from django.db import IntegrityError

from shop.models import Product


@pytest.fixture
def tea(db):
    return Product.objects.create(name="tea", price=450, stock=3)


def test_selling_takes_from_the_shelf(tea):
    assert tea.sell(2) == 900
    tea.refresh_from_db()
    assert tea.stock == 1


def test_more_than_the_stock_is_refused(tea):
    with pytest.raises(ValueError, match="only 3 of tea left"):
        tea.sell(4)


@pytest.mark.parametrize("quantity", [0, -1])
def test_a_quantity_below_one_is_refused(tea, quantity):
    with pytest.raises(ValueError, match="at least 1"):
        tea.sell(quantity)


def test_names_are_unique(tea):
    with pytest.raises(IntegrityError):
        Product.objects.create(name="tea", price=1)


@pytest.mark.slow
def test_selling_out_one_by_one(tea):
    tea.stock = 500
    assert sum(tea.sell(1) for _ in range(500)) == 500 * 450
    assert tea.stock == 0
