-- The files that the build which starts now reads: every released file of every released batch.
delete from ops.build_files;
insert into ops.build_files (file_id, system, entity, batch_date)
select
    files.file_id,
    files.system,
    files.entity,
    files.batch_date
from ops.files
inner join ops.batches using (system, batch_date)
where files.state = 'released' and batches.state = 'released' and files.entity is not null;
