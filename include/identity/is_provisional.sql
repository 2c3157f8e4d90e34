-- Whether people are provisional: an increment has linked since the last linking of everybody that was adopted, or the
-- last linking was by another model or other rules, or a linking in full that was asked for has not been published.
select
    exists (select from identity.relink_requests)
    or exists (
        select from identity.linkings
        where
            linkings.mode = 'incremental'
            and linkings.linking_id > (
                select coalesce(max(whole.linking_id), 0)
                from identity.linkings as whole
                where whole.mode = 'full' and whole.is_adopted
            )
    )
    or exists (
        select from identity.linkings
        where
            linkings.linking_id = (select max(latest.linking_id) from identity.linkings as latest)
            and (linkings.model_version <> %(model)s or linkings.rules_version <> %(rules)s) -- noqa: PRS
    )
