with

released as (
    {{ released('bureau', 'credit_reports') }}
),

typed as (
    {{ credit_report_rows() }}
),

final as (
    {{ latest_version('typed', [
        'full_name', 'date_of_birth', 'postcode', 'credit_score', 'national_id_token', 'client_id_bank',
    ]) }}
)

select * from final
