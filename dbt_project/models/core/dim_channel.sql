select
    md5(channel) as channel_key,
    channel,
    channel_name,
    touchpoint_group,
    is_digital
from {{ ref('channels') }}
