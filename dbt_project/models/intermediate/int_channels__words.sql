{{ config(tags=['stage']) }}

select
    system,
    word,
    channel,
    md5(channel) as channel_key
from {{ ref('channel_words') }}
