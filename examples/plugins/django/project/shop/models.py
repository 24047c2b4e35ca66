"""What the shop sells."""
from django.db import models


class Product(models.Model):
    """One thing on the shelf; prices are in cents."""

    name = models.CharField(max_length=80, unique=True)
    price = models.PositiveIntegerField()
    stock = models.PositiveIntegerField(default=0)

    def sell(self, quantity):
        """Takes some from the shelf and returns what they cost."""
        if quantity < 1:
            raise ValueError("quantity must be at least 1")
        if quantity > self.stock:
            raise ValueError(f"only {self.stock} of {self.name} left")
        self.stock -= quantity
        self.save(update_fields=["stock"])
        return self.price * quantity
