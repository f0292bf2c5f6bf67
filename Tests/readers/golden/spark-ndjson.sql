-- cdrx load: pipeline hostile, target wh, 3 partitions
-- script ID: add --mark --script ID to record that it ran
-- stream calls: 3 partitions (3 new)
CREATE TABLE IF NOT EXISTS `raw`.`calls` (
    `provider` STRING COMMENT 'Always hostile',
    `endpoint` STRING COMMENT 'Always hostile.calls',
    `account` STRING COMMENT 'Account it was read with, by its name in the pipeline',
    `call_id` STRING COMMENT 'The provider\'s id of the call; provider field id: It\'s the "id" \\ of the call',
    `leg` STRING COMMENT 'Not provided by this provider, always null',
    `direction` STRING COMMENT 'Always outbound',
    `status` STRING COMMENT 'Not provided by this provider, always null',
    `started_at` TIMESTAMP COMMENT 'When the call began, UTC; provider field time: Start',
    `answered_at` TIMESTAMP COMMENT 'When the call was answered, UTC; provider field answered: Answer',
    `ended_at` TIMESTAMP COMMENT 'When the call ended, UTC; provider field ended: End',
    `from_number` STRING COMMENT 'Number of the calling party; provider field from: Caller',
    `to_number` STRING COMMENT 'Number of the called party; provider field to: Called',
    `agent` STRING COMMENT 'Agent or extension; provider field who: Agent',
    `contact_name` STRING COMMENT 'Name of the contact; provider field name: Name',
    `duration_seconds` INT COMMENT 'Length of the call in seconds; provider field duration: Seconds',
    `ring_seconds` INT COMMENT 'Time until it was answered, in seconds; provider field ring: Seconds',
    `billed_seconds` INT COMMENT 'Not provided by this provider, always null',
    `rate` DECIMAL(18,6) COMMENT 'Cost of the call (not a price per minute), exactly as the provider states it; provider field cost: Cost',
    `balance` DECIMAL(18,6) COMMENT 'Balance of the account after the call, exactly as the provider states it; provider field left: What is left',
    `recorded` BOOLEAN COMMENT 'Whether there is a recording; provider field taped: Taped',
    `recording` STRING COMMENT 'Name or address of the recording; provider field file: File',
    `hangup_by` STRING COMMENT 'Not provided by this provider, always null',
    `hangup_code` INT COMMENT 'The provider\'s code for the end of the call; provider field cause: Cause',
    `call_method` STRING COMMENT 'Not provided by this provider, always null',
    `notes` STRING COMMENT 'Notes: a list of message, created_at, agent; provider field notes: Notes',
    `extra` STRING COMMENT 'JSON object of all fields without a column of their own',
    `cdrx_account` STRING COMMENT 'Account of the partition this row was loaded with, * for all accounts, or its bucket',
    `cdrx_window` DATE COMMENT 'Window of the partition this row was loaded with, by its first day',
    `cdrx_loaded_at` TIMESTAMP COMMENT 'When this row was loaded',
    `cdrx_run_id` STRING COMMENT 'Run of cdrx that published this row'
)
USING parquet
PARTITIONED BY (cdrx_account, cdrx_window)
COMMENT 'All of it: "quotes", it\'s back\\slashed; -- and $commented';
CREATE OR REPLACE TEMPORARY VIEW cdrx_load (
    `provider` STRING,
    `endpoint` STRING,
    `account` STRING,
    `call_id` STRING,
    `leg` STRING,
    `direction` STRING,
    `status` STRING,
    `started_at` TIMESTAMP,
    `answered_at` TIMESTAMP,
    `ended_at` TIMESTAMP,
    `from_number` STRING,
    `to_number` STRING,
    `agent` STRING,
    `contact_name` STRING,
    `duration_seconds` INT,
    `ring_seconds` INT,
    `billed_seconds` INT,
    `rate` DECIMAL(18,6),
    `balance` DECIMAL(18,6),
    `recorded` BOOLEAN,
    `recording` STRING,
    `hangup_by` STRING,
    `hangup_code` INT,
    `call_method` STRING,
    `notes` STRING,
    `extra` STRING
)
USING json
OPTIONS (path 's3a://bucket/exports/calls/dt=2026-01-01', mode 'FAILFAST');
INSERT OVERWRITE TABLE `raw`.`calls` PARTITION (cdrx_account = '*', cdrx_window = DATE '2026-01-01') (`provider`, `endpoint`, `account`, `call_id`, `leg`, `direction`, `status`, `started_at`, `answered_at`, `ended_at`, `from_number`, `to_number`, `agent`, `contact_name`, `duration_seconds`, `ring_seconds`, `billed_seconds`, `rate`, `balance`, `recorded`, `recording`, `hangup_by`, `hangup_code`, `call_method`, `notes`, `extra`, `cdrx_loaded_at`, `cdrx_run_id`)
SELECT `provider`, `endpoint`, `account`, `call_id`, `leg`, `direction`, `status`, `started_at`, `answered_at`, `ended_at`, `from_number`, `to_number`, `agent`, `contact_name`, `duration_seconds`, `ring_seconds`, `billed_seconds`, `rate`, `balance`, `recorded`, `recording`, `hangup_by`, `hangup_code`, `call_method`, `notes`, `extra`, current_timestamp(), 'RUN'
FROM cdrx_load;
ALTER TABLE `raw`.`calls` DROP IF EXISTS PARTITION (cdrx_account = '*', cdrx_window = DATE '2026-01-02');
CREATE OR REPLACE TEMPORARY VIEW cdrx_load (
    `provider` STRING,
    `endpoint` STRING,
    `account` STRING,
    `call_id` STRING,
    `leg` STRING,
    `direction` STRING,
    `status` STRING,
    `started_at` TIMESTAMP,
    `answered_at` TIMESTAMP,
    `ended_at` TIMESTAMP,
    `from_number` STRING,
    `to_number` STRING,
    `agent` STRING,
    `contact_name` STRING,
    `duration_seconds` INT,
    `ring_seconds` INT,
    `billed_seconds` INT,
    `rate` DECIMAL(18,6),
    `balance` DECIMAL(18,6),
    `recorded` BOOLEAN,
    `recording` STRING,
    `hangup_by` STRING,
    `hangup_code` INT,
    `call_method` STRING,
    `notes` STRING,
    `extra` STRING
)
USING json
OPTIONS (path 's3a://bucket/exports/calls/dt=2026-01-03', mode 'FAILFAST');
INSERT OVERWRITE TABLE `raw`.`calls` PARTITION (cdrx_account = '*', cdrx_window = DATE '2026-01-03') (`provider`, `endpoint`, `account`, `call_id`, `leg`, `direction`, `status`, `started_at`, `answered_at`, `ended_at`, `from_number`, `to_number`, `agent`, `contact_name`, `duration_seconds`, `ring_seconds`, `billed_seconds`, `rate`, `balance`, `recorded`, `recording`, `hangup_by`, `hangup_code`, `call_method`, `notes`, `extra`, `cdrx_loaded_at`, `cdrx_run_id`)
SELECT `provider`, `endpoint`, `account`, `call_id`, `leg`, `direction`, `status`, `started_at`, `answered_at`, `ended_at`, `from_number`, `to_number`, `agent`, `contact_name`, `duration_seconds`, `ring_seconds`, `billed_seconds`, `rate`, `balance`, `recorded`, `recording`, `hangup_by`, `hangup_code`, `call_method`, `notes`, `extra`, current_timestamp(), 'RUN'
FROM cdrx_load;
