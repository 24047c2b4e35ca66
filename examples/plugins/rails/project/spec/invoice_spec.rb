# frozen_string_literal: true

require 'spec_helper'
require 'invoice'

RSpec.describe Invoice do
  subject(:invoice) { described_class.new.add('tea', 450).add('cup', 1205) }

  it 'sums its lines' do
    expect(invoice.net).to eq(1655)
  end

  it 'owes nothing when it is empty' do
    expect(described_class.new.total(tax_percent: 19)).to eq(0)
  end

  it 'rounds the tax to whole cents' do
    expect(invoice.total(tax_percent: 19)).to eq(1969)
  end

  it 'refuses what is no amount' do
    expect { invoice.add('cup', 1.5) }.to raise_error(ArgumentError, 'not an amount: 1.5')
  end
end
