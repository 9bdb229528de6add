-- A danger may ask for whatever an assessment may: a higher tier and a specialist, too.

ALTER TABLE safety_flags
    DROP CONSTRAINT safety_flags_conditions_check,
    ADD CONSTRAINT safety_flags_conditions_check
        CHECK (cardinality(conditions) > 0
               AND conditions <@ ARRAY['two_nurses', 'same_gender', 'daytime_only', 'family_present', 'higher_tier',
                                       'specialist', 'escort', 'no_visits']);
