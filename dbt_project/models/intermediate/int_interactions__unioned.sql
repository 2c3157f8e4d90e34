{{ config(tags=['marts']) }}

with

transcripts as (
    select
        chat_id_support,
        string_agg(author || ': ' || coalesce(turn_text, ''), e'\n' order by recorded_at, source_key) as transcript
    from {{ ref('stg_support__chat_turns') }}
    group by chat_id_support
),

handles as (
    select lower(network) as network, social_handle, record_id
    from {{ ref('stg_marketing__social_handles') }}
),

service as (
    select
        {{ interaction('service', 'interactions', columns=[
            'interaction_type', 'channel', 'agent', 'duration_s', 'resolution'
        ], sentiment="case when interaction_type = 'complaint' then 'negative' end", interaction_text='note_text') }}
    from {{ ref('stg_service__interactions') }}
),

tickets as (
    select
        {{ interaction('support', 'tickets', columns=[
            'channel', 'category', 'priority', 'status', 'resolution', 'product_id', 'agent', 'resolved_at'
        ], interaction_type="'ticket'", occurred_at='coalesce(opened_at, recorded_at)', topic='complaint_category',
        sentiment="case when complaint_category is not null or category = 'complaint' then 'negative' end",
        first_response_at='first_response_at', interaction_text='subject') }}
    from {{ ref('stg_support__tickets') }}
),

chats as (
    select
        {{ interaction('support', 'chats', columns=['agent'], interaction_type="'chat'", channel="'chat'",
            resolution='outcome', ticket_id='ticket_id_support', page='page', resolved_at='ended_at',
            duration_s='extract(epoch from ended_at - recorded_at)::bigint', interaction_text='transcript') }}
    from (
        select
            chats.source_key, chats.record_id, chats.recorded_at, chats.agent, chats.outcome, chats.ticket_id_support,
            chats.page, chats.ended_at, transcripts.transcript, chats.first_seen_date, chats.batch_date, chats.file_id,
            chats.row_number
        from {{ ref('stg_support__chats') }} as chats
        left join transcripts on chats.chat_id_support = transcripts.chat_id_support
    ) as chats
),

calls as (
    select
        {{ interaction('support', 'calls', columns=['agent', 'duration_s', 'resolution', 'direction', 'wait_s'],
            interaction_type="'call'", channel="'phone'", ticket_id='ticket_id_support', status='outcome') }}
    from {{ ref('stg_support__calls') }}
),

surveys as (
    select
        {{ interaction('support', 'surveys', interaction_type="'survey'", channel="'survey'", topic='survey_type',
            ticket_id='ticket_id_support', satisfaction_score='score',
            satisfaction_pct="round(case survey_type when 'csat' then (score - 1) * 25.0 when 'nps' then score * 10.0 end, 1)",
            sentiment="case
                when survey_type = 'csat' and score >= 4 or survey_type = 'nps' and score >= 9 then 'positive'
                when survey_type = 'csat' and score = 3 or survey_type = 'nps' and score >= 7 then 'neutral'
                when score is not null then 'negative'
            end", interaction_text='comment') }}
    from {{ ref('stg_support__surveys') }}
),

-- A complaint came over the channel of its ticket.
complaints as (
    select
        {{ interaction('support', 'complaints', columns=['channel', 'status', 'resolution', 'resolved_at', 'currency'],
            interaction_type="'complaint'", occurred_at='coalesce(filed_at, recorded_at)', category="'complaint'",
            topic='category', priority='severity', ticket_id='ticket_id_support', sentiment="'negative'",
            amount='compensation', interaction_text='complaint_text') }}
    from (
        select complaints.*, tickets.channel
        from {{ ref('stg_support__complaints') }} as complaints
        left join {{ ref('stg_support__tickets') }} as tickets
            on complaints.ticket_id_support = tickets.ticket_id_support
    ) as complaints
),

store_talks as (
    select
        {{ interaction('pos', 'staff_notes', columns=['topic'], interaction_type="'store_talk'", channel="'staff'",
            agent='employee', store_id='store_id_pos', order_id='transaction_id_pos',
            sentiment="case topic when 'praise' then 'positive' when 'complaint' then 'negative' end",
            interaction_text='note_text') }}
    from {{ ref('stg_pos__staff_notes') }}
),

branch_contacts as (
    select
        {{ interaction('wealth', 'branch_contacts', columns=['branch', 'duration_s'],
            interaction_type="'branch_contact'", channel='desk', topic='reason', resolution='outcome',
            agent='employee', sentiment="case reason when 'complaint' then 'negative' end",
            interaction_text='note_text') }}
    from {{ ref('stg_wealth__branch_contacts') }}
),

-- Where marketing does not name the contact, the account in the network does.
social as (
    select
        {{ interaction('marketing', 'social_interactions', columns=['sentiment'], interaction_type="'social'",
            channel='network', topic='interaction_type', campaign_id='campaign_id_marketing', page='post_id',
            interaction_text='interaction_text') }}
    from (
        select
            social.source_key, coalesce(social.record_id, handles.record_id) as record_id, social.recorded_at,
            social.sentiment, social.network, social.interaction_type, social.campaign_id_marketing, social.post_id,
            social.interaction_text, social.first_seen_date, social.batch_date, social.file_id, social.row_number
        from {{ ref('stg_marketing__social_interactions') }} as social
        left join handles on social.network = handles.network and social.social_handle = handles.social_handle
    ) as social
),

-- A note names nobody; a steward decides whom it means by accepting what it proposes, of several decisions the last.
note_people as (
    select distinct on (split_part(decisions.note_id, '/', 1))
        split_part(decisions.note_id, '/', 1) as source_key,
        corrections.record_id
    from {{ source('identity', 'applied_corrections') }} as corrections
    inner join {{ source('identity', 'decisions') }} as decisions on corrections.decision_id = decisions.decision_id
    where decisions.note_id is not null
    order by split_part(decisions.note_id, '/', 1) asc, decisions.decision_id desc
),

notes as (
    select
        {{ interaction('notes', 'notes', interaction_type="'note'", channel="'note'",
            occurred_at=start_of_day('first_seen_date'), interaction_text='note_text') }}
    from (
        select notes.*, note_people.record_id
        from {{ ref('stg_notes__notes') }} as notes
        left join note_people on notes.source_key = note_people.source_key
    ) as notes
)

select * from service
union all
select * from tickets
union all
select * from chats
union all
select * from calls
union all
select * from surveys
union all
select * from complaints
union all
select * from store_talks
union all
select * from branch_contacts
union all
select * from social
union all
select * from notes
