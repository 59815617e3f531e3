-- Field jobs are matters; beside them stand whom they are for, the surveys asked, and who works in the field.
-- Customers belong to no account: one may have jobs for several.
-- Fits nothing older: an older program would let in whoever was deactivated.
create table customers (
    id uuid primary key,
    name text not null,
    phone text not null,
    email text,
    address text,
    created_at timestamptz not null,
    created_by text not null
);
create index customers_by_phone on customers (phone, created_at);

-- Each job has a customer who is there.
create table field_jobs (
    id uuid primary key references matters (id),
    customer uuid not null references customers (id)
);
create index field_jobs_of_customer on field_jobs (customer);

-- One survey a job, known by its link's fingerprint only.
create table surveys (
    job uuid primary key references field_jobs (id),
    fingerprint text not null unique,
    asked_at timestamptz not null
);

-- People with tokens, as far as more is known of them: whether they may still do anything, whom they are in the
-- documents (`7001:ann`), and whom of these their leaving found inactive already.
create table users (
    name text primary key,
    active boolean not null,
    contacts text[] not null,
    spared text[] not null,
    changed_at timestamptz not null,
    changed_by text not null
);

-- Where technicians are, as long as they want it known.
create table places (
    technician text primary key,
    latitude double precision not null,
    longitude double precision not null,
    at timestamptz not null
);

-- What somebody is besides their role: a dispatcher who is a technician, too.
alter table tokens add column also text[];
