{{ config(tags=['marts']) }}

{{ holdings(
    'deposits', 'deposit', 'product', ['iban_token', 'inflow', 'outflow', 'interest_rate_pct', 'maturity_date']
) }}
union all
{{ holdings('funds', 'fund', 'fund_code', ['fund_code', 'fund_name', 'units', 'profit_and_loss', 'risk_score']) }}
union all
{{ holdings('policies', 'insurance', 'policy_kind', ['premium', 'cover', 'tax_benefit']) }}
union all
{{ holdings(
    'loans', 'loan', 'loan_kind',
    [
        'principal', 'instalment', 'interest_rate_pct', 'property_kind', 'location_area', 'asset_value',
        'number_of_assets', 'car_price', 'car_segment'
    ],
    owed=true
) }}
union all
{{ holdings(
    'card_accounts', 'credit_card', 'card_kind',
    [
        'card_token', 'credit_limit', 'credit_available', 'spending', 'points', 'payment_behaviour', 'spending_segment'
    ],
    owed=true
) }}
