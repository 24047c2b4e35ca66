# frozen_string_literal: true

# What a customer owes, in whole cents.
class Invoice
  Line = Struct.new(:text, :cents)

  def initialize
    @lines = []
  end

  def add(text, cents)
    raise ArgumentError, "not an amount: #{cents.inspect}" unless cents.is_a?(Integer)

    @lines << Line.new(text, cents)
    self
  end

  def net
    @lines.sum(&:cents)
  end

  def total(tax_percent:)
    net + (net * tax_percent / 100r).round
  end
end
