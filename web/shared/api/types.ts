// OpenAPI 01b0cd5b70ab16eecf5916647e92110ecfb6dba141b1f035107399f334cbc1ec; written by `make types`.
export interface paths {
  "/docs": {
    parameters: {
      query?: never;
      header?: never;
      path?: never;
      cookie?: never;
    };
    get: operations["system_browse"];
    put?: never;
    post?: never;
    delete?: never;
    options?: never;
    head?: never;
    patch?: never;
    trace?: never;
  };
  "/healthz": {
    parameters: {
      query?: never;
      header?: never;
      path?: never;
      cookie?: never;
    };
    get: operations["system_healthz"];
    put?: never;
    post?: never;
    delete?: never;
    options?: never;
    head?: never;
    patch?: never;
    trace?: never;
  };
  "/metrics": {
    parameters: {
      query?: never;
      header?: never;
      path?: never;
      cookie?: never;
    };
    get: operations["system_metrics"];
    put?: never;
    post?: never;
    delete?: never;
    options?: never;
    head?: never;
    patch?: never;
    trace?: never;
  };
  "/openapi.json": {
    parameters: {
      query?: never;
      header?: never;
      path?: never;
      cookie?: never;
    };
    get: operations["system_openapi_document"];
    put?: never;
    post?: never;
    delete?: never;
    options?: never;
    head?: never;
    patch?: never;
    trace?: never;
  };
  "/problems": {
    parameters: {
      query?: never;
      header?: never;
      path?: never;
      cookie?: never;
    };
    get: operations["system_list_problems"];
    put?: never;
    post?: never;
    delete?: never;
    options?: never;
    head?: never;
    patch?: never;
    trace?: never;
  };
  "/problems/{slug}": {
    parameters: {
      query?: never;
      header?: never;
      path?: never;
      cookie?: never;
    };
    get: operations["system_get_problem"];
    put?: never;
    post?: never;
    delete?: never;
    options?: never;
    head?: never;
    patch?: never;
    trace?: never;
  };
  "/readyz": {
    parameters: {
      query?: never;
      header?: never;
      path?: never;
      cookie?: never;
    };
    get: operations["system_readyz"];
    put?: never;
    post?: never;
    delete?: never;
    options?: never;
    head?: never;
    patch?: never;
    trace?: never;
  };
  "/v1/audit": {
    parameters: {
      query?: never;
      header?: never;
      path?: never;
      cookie?: never;
    };
    get: operations["audit_list_entries"];
    put?: never;
    post?: never;
    delete?: never;
    options?: never;
    head?: never;
    patch?: never;
    trace?: never;
  };
  "/v1/audit/verify": {
    parameters: {
      query?: never;
      header?: never;
      path?: never;
      cookie?: never;
    };
    get: operations["audit_verify"];
    put?: never;
    post?: never;
    delete?: never;
    options?: never;
    head?: never;
    patch?: never;
    trace?: never;
  };
  "/v1/auth/logout": {
    parameters: {
      query?: never;
      header?: never;
      path?: never;
      cookie?: never;
    };
    get?: never;
    put?: never;
    post: operations["auth_sign_out"];
    delete?: never;
    options?: never;
    head?: never;
    patch?: never;
    trace?: never;
  };
  "/v1/auth/otp": {
    parameters: {
      query?: never;
      header?: never;
      path?: never;
      cookie?: never;
    };
    get?: never;
    put?: never;
    post: operations["auth_ask_for_code"];
    delete?: never;
    options?: never;
    head?: never;
    patch?: never;
    trace?: never;
  };
  "/v1/auth/refresh": {
    parameters: {
      query?: never;
      header?: never;
      path?: never;
      cookie?: never;
    };
    get?: never;
    put?: never;
    post: operations["auth_refresh"];
    delete?: never;
    options?: never;
    head?: never;
    patch?: never;
    trace?: never;
  };
  "/v1/auth/token": {
    parameters: {
      query?: never;
      header?: never;
      path?: never;
      cookie?: never;
    };
    get?: never;
    put?: never;
    post: operations["auth_trade_code"];
    delete?: never;
    options?: never;
    head?: never;
    patch?: never;
    trace?: never;
  };
  "/v1/bills": {
    parameters: {
      query?: never;
      header?: never;
      path?: never;
      cookie?: never;
    };
    get: operations["bills_list_bills"];
    put?: never;
    post?: never;
    delete?: never;
    options?: never;
    head?: never;
    patch?: never;
    trace?: never;
  };
  "/v1/bills/{id}": {
    parameters: {
      query?: never;
      header?: never;
      path?: never;
      cookie?: never;
    };
    get: operations["bills_get"];
    put?: never;
    post?: never;
    delete?: never;
    options?: never;
    head?: never;
    patch?: never;
    trace?: never;
  };
  "/v1/bills/{id}/pay": {
    parameters: {
      query?: never;
      header?: never;
      path?: never;
      cookie?: never;
    };
    get?: never;
    put?: never;
    post: operations["bills_pay"];
    delete?: never;
    options?: never;
    head?: never;
    patch?: never;
    trace?: never;
  };
  "/v1/cases": {
    parameters: {
      query?: never;
      header?: never;
      path?: never;
      cookie?: never;
    };
    get: operations["cases_list_own"];
    put?: never;
    post?: never;
    delete?: never;
    options?: never;
    head?: never;
    patch?: never;
    trace?: never;
  };
  "/v1/cases/{id}": {
    parameters: {
      query?: never;
      header?: never;
      path?: never;
      cookie?: never;
    };
    get: operations["cases_get"];
    put?: never;
    post?: never;
    delete?: never;
    options?: never;
    head?: never;
    patch?: never;
    trace?: never;
  };
  "/v1/cases/{id}/answer": {
    parameters: {
      query?: never;
      header?: never;
      path?: never;
      cookie?: never;
    };
    get?: never;
    put?: never;
    post: operations["cases_answer"];
    delete?: never;
    options?: never;
    head?: never;
    patch?: never;
    trace?: never;
  };
  "/v1/cases/{id}/dispute": {
    parameters: {
      query?: never;
      header?: never;
      path?: never;
      cookie?: never;
    };
    get?: never;
    put?: never;
    post: operations["cases_dispute"];
    delete?: never;
    options?: never;
    head?: never;
    patch?: never;
    trace?: never;
  };
  "/v1/change-orders/{id}/accept": {
    parameters: {
      query?: never;
      header?: never;
      path?: never;
      cookie?: never;
    };
    get?: never;
    put?: never;
    post: operations["bills_accept_change"];
    delete?: never;
    options?: never;
    head?: never;
    patch?: never;
    trace?: never;
  };
  "/v1/change-orders/{id}/refuse": {
    parameters: {
      query?: never;
      header?: never;
      path?: never;
      cookie?: never;
    };
    get?: never;
    put?: never;
    post: operations["bills_refuse_change"];
    delete?: never;
    options?: never;
    head?: never;
    patch?: never;
    trace?: never;
  };
  "/v1/consents": {
    parameters: {
      query?: never;
      header?: never;
      path?: never;
      cookie?: never;
    };
    get: operations["catalogue_list_consents"];
    put?: never;
    post?: never;
    delete?: never;
    options?: never;
    head?: never;
    patch?: never;
    trace?: never;
  };
  "/v1/consents/purposes": {
    parameters: {
      query?: never;
      header?: never;
      path?: never;
      cookie?: never;
    };
    get: operations["consents_list_purposes"];
    put?: never;
    post?: never;
    delete?: never;
    options?: never;
    head?: never;
    patch?: never;
    trace?: never;
  };
  "/v1/flags/{id}/appeal": {
    parameters: {
      query?: never;
      header?: never;
      path?: never;
      cookie?: never;
    };
    get?: never;
    put?: never;
    post: operations["flags_appeal"];
    delete?: never;
    options?: never;
    head?: never;
    patch?: never;
    trace?: never;
  };
  "/v1/institutions": {
    parameters: {
      query?: never;
      header?: never;
      path?: never;
      cookie?: never;
    };
    get: operations["catalogue_list_institutions"];
    put?: never;
    post?: never;
    delete?: never;
    options?: never;
    head?: never;
    patch?: never;
    trace?: never;
  };
  "/v1/me": {
    parameters: {
      query?: never;
      header?: never;
      path?: never;
      cookie?: never;
    };
    get: operations["auth_get_me"];
    put?: never;
    post?: never;
    delete?: never;
    options?: never;
    head?: never;
    patch?: never;
    trace?: never;
  };
  "/v1/nurse/availability": {
    parameters: {
      query?: never;
      header?: never;
      path?: never;
      cookie?: never;
    };
    get?: never;
    put: operations["duty_set_availability"];
    post?: never;
    delete?: never;
    options?: never;
    head?: never;
    patch?: never;
    trace?: never;
  };
  "/v1/nurse/calendar": {
    parameters: {
      query?: never;
      header?: never;
      path?: never;
      cookie?: never;
    };
    get?: never;
    put: operations["calendar_make"];
    post?: never;
    delete: operations["calendar_end"];
    options?: never;
    head?: never;
    patch?: never;
    trace?: never;
  };
  "/v1/nurse/calendar.ics": {
    parameters: {
      query?: never;
      header?: never;
      path?: never;
      cookie?: never;
    };
    get: operations["calendar_get"];
    put?: never;
    post?: never;
    delete?: never;
    options?: never;
    head?: never;
    patch?: never;
    trace?: never;
  };
  "/v1/nurse/decisions": {
    parameters: {
      query?: never;
      header?: never;
      path?: never;
      cookie?: never;
    };
    get: operations["nurse_decisions_list_own"];
    put?: never;
    post?: never;
    delete?: never;
    options?: never;
    head?: never;
    patch?: never;
    trace?: never;
  };
  "/v1/nurse/face-checks": {
    parameters: {
      query?: never;
      header?: never;
      path?: never;
      cookie?: never;
    };
    get: operations["faces_list_own"];
    put?: never;
    post: operations["faces_ask"];
    delete?: never;
    options?: never;
    head?: never;
    patch?: never;
    trace?: never;
  };
  "/v1/nurse/heartbeat": {
    parameters: {
      query?: never;
      header?: never;
      path?: never;
      cookie?: never;
    };
    get?: never;
    put?: never;
    post: operations["safety_tell_alive"];
    delete?: never;
    options?: never;
    head?: never;
    patch?: never;
    trace?: never;
  };
  "/v1/nurse/offers": {
    parameters: {
      query?: never;
      header?: never;
      path?: never;
      cookie?: never;
    };
    get: operations["offers_list_open"];
    put?: never;
    post?: never;
    delete?: never;
    options?: never;
    head?: never;
    patch?: never;
    trace?: never;
  };
  "/v1/nurse/policies": {
    parameters: {
      query?: never;
      header?: never;
      path?: never;
      cookie?: never;
    };
    get: operations["policies_list_own"];
    put?: never;
    post?: never;
    delete?: never;
    options?: never;
    head?: never;
    patch?: never;
    trace?: never;
  };
  "/v1/nurse/policies/{policy}/acknowledge": {
    parameters: {
      query?: never;
      header?: never;
      path?: never;
      cookie?: never;
    };
    get?: never;
    put?: never;
    post: operations["policies_acknowledge"];
    delete?: never;
    options?: never;
    head?: never;
    patch?: never;
    trace?: never;
  };
  "/v1/nurse/positions": {
    parameters: {
      query?: never;
      header?: never;
      path?: never;
      cookie?: never;
    };
    get?: never;
    put?: never;
    post: operations["visits_report"];
    delete?: never;
    options?: never;
    head?: never;
    patch?: never;
    trace?: never;
  };
  "/v1/nurse/profile": {
    parameters: {
      query?: never;
      header?: never;
      path?: never;
      cookie?: never;
    };
    get: operations["duty_get_profile"];
    put?: never;
    post?: never;
    delete?: never;
    options?: never;
    head?: never;
    patch: operations["duty_change_profile"];
    trace?: never;
  };
  "/v1/nurse/safety-codes": {
    parameters: {
      query?: never;
      header?: never;
      path?: never;
      cookie?: never;
    };
    get?: never;
    put: operations["safety_set_codes"];
    post?: never;
    delete?: never;
    options?: never;
    head?: never;
    patch?: never;
    trace?: never;
  };
  "/v1/nurse/shifts": {
    parameters: {
      query?: never;
      header?: never;
      path?: never;
      cookie?: never;
    };
    get: operations["duty_list_shifts"];
    put: operations["duty_replace_shifts"];
    post?: never;
    delete?: never;
    options?: never;
    head?: never;
    patch?: never;
    trace?: never;
  };
  "/v1/nurse/statistics": {
    parameters: {
      query?: never;
      header?: never;
      path?: never;
      cookie?: never;
    };
    get: operations["workloads_own"];
    put?: never;
    post?: never;
    delete?: never;
    options?: never;
    head?: never;
    patch?: never;
    trace?: never;
  };
  "/v1/nurse/visits": {
    parameters: {
      query?: never;
      header?: never;
      path?: never;
      cookie?: never;
    };
    get: operations["visits_list_own"];
    put?: never;
    post?: never;
    delete?: never;
    options?: never;
    head?: never;
    patch?: never;
    trace?: never;
  };
  "/v1/offers/{id}/accept": {
    parameters: {
      query?: never;
      header?: never;
      path?: never;
      cookie?: never;
    };
    get?: never;
    put?: never;
    post: operations["offers_accept"];
    delete?: never;
    options?: never;
    head?: never;
    patch?: never;
    trace?: never;
  };
  "/v1/offers/{id}/decline": {
    parameters: {
      query?: never;
      header?: never;
      path?: never;
      cookie?: never;
    };
    get?: never;
    put?: never;
    post: operations["offers_decline"];
    delete?: never;
    options?: never;
    head?: never;
    patch?: never;
    trace?: never;
  };
  "/v1/ops/alarms": {
    parameters: {
      query?: never;
      header?: never;
      path?: never;
      cookie?: never;
    };
    get: operations["alarms_list_alarms"];
    put?: never;
    post?: never;
    delete?: never;
    options?: never;
    head?: never;
    patch?: never;
    trace?: never;
  };
  "/v1/ops/alarms/{id}/acknowledge": {
    parameters: {
      query?: never;
      header?: never;
      path?: never;
      cookie?: never;
    };
    get?: never;
    put?: never;
    post: operations["alarms_acknowledge"];
    delete?: never;
    options?: never;
    head?: never;
    patch?: never;
    trace?: never;
  };
  "/v1/ops/alarms/{id}/resolve": {
    parameters: {
      query?: never;
      header?: never;
      path?: never;
      cookie?: never;
    };
    get?: never;
    put?: never;
    post: operations["alarms_resolve"];
    delete?: never;
    options?: never;
    head?: never;
    patch?: never;
    trace?: never;
  };
  "/v1/ops/assessments": {
    parameters: {
      query?: never;
      header?: never;
      path?: never;
      cookie?: never;
    };
    get: operations["assessments_list_waiting"];
    put?: never;
    post?: never;
    delete?: never;
    options?: never;
    head?: never;
    patch?: never;
    trace?: never;
  };
  "/v1/ops/batches": {
    parameters: {
      query?: never;
      header?: never;
      path?: never;
      cookie?: never;
    };
    get: operations["ops_batches_list_newest"];
    put?: never;
    post?: never;
    delete?: never;
    options?: never;
    head?: never;
    patch?: never;
    trace?: never;
  };
  "/v1/ops/bills": {
    parameters: {
      query?: never;
      header?: never;
      path?: never;
      cookie?: never;
    };
    get: operations["ops_bills_list_bills"];
    put?: never;
    post?: never;
    delete?: never;
    options?: never;
    head?: never;
    patch?: never;
    trace?: never;
  };
  "/v1/ops/bills/{id}/credit": {
    parameters: {
      query?: never;
      header?: never;
      path?: never;
      cookie?: never;
    };
    get?: never;
    put?: never;
    post: operations["ops_bills_credit"];
    delete?: never;
    options?: never;
    head?: never;
    patch?: never;
    trace?: never;
  };
  "/v1/ops/bills/{id}/payers/{line_id}": {
    parameters: {
      query?: never;
      header?: never;
      path?: never;
      cookie?: never;
    };
    get?: never;
    put?: never;
    post: operations["ops_bills_decide"];
    delete?: never;
    options?: never;
    head?: never;
    patch?: never;
    trace?: never;
  };
  "/v1/ops/board": {
    parameters: {
      query?: never;
      header?: never;
      path?: never;
      cookie?: never;
    };
    get: operations["ops_board_show"];
    put?: never;
    post?: never;
    delete?: never;
    options?: never;
    head?: never;
    patch?: never;
    trace?: never;
  };
  "/v1/ops/cases": {
    parameters: {
      query?: never;
      header?: never;
      path?: never;
      cookie?: never;
    };
    get: operations["ops_cases_list_cases"];
    put?: never;
    post?: never;
    delete?: never;
    options?: never;
    head?: never;
    patch?: never;
    trace?: never;
  };
  "/v1/ops/cases/{id}": {
    parameters: {
      query?: never;
      header?: never;
      path?: never;
      cookie?: never;
    };
    get: operations["ops_cases_get"];
    put?: never;
    post?: never;
    delete?: never;
    options?: never;
    head?: never;
    patch?: never;
    trace?: never;
  };
  "/v1/ops/cases/{id}/lift-hold": {
    parameters: {
      query?: never;
      header?: never;
      path?: never;
      cookie?: never;
    };
    get?: never;
    put?: never;
    post: operations["ops_cases_lift_hold"];
    delete?: never;
    options?: never;
    head?: never;
    patch?: never;
    trace?: never;
  };
  "/v1/ops/cases/{id}/settle": {
    parameters: {
      query?: never;
      header?: never;
      path?: never;
      cookie?: never;
    };
    get?: never;
    put?: never;
    post: operations["ops_cases_settle"];
    delete?: never;
    options?: never;
    head?: never;
    patch?: never;
    trace?: never;
  };
  "/v1/ops/cases/{id}/take-up": {
    parameters: {
      query?: never;
      header?: never;
      path?: never;
      cookie?: never;
    };
    get?: never;
    put?: never;
    post: operations["ops_cases_take_up"];
    delete?: never;
    options?: never;
    head?: never;
    patch?: never;
    trace?: never;
  };
  "/v1/ops/cases/{id}/tell": {
    parameters: {
      query?: never;
      header?: never;
      path?: never;
      cookie?: never;
    };
    get?: never;
    put?: never;
    post: operations["ops_cases_tell"];
    delete?: never;
    options?: never;
    head?: never;
    patch?: never;
    trace?: never;
  };
  "/v1/ops/days": {
    parameters: {
      query?: never;
      header?: never;
      path?: never;
      cookie?: never;
    };
    get: operations["ops_console_list_days"];
    put?: never;
    post?: never;
    delete?: never;
    options?: never;
    head?: never;
    patch?: never;
    trace?: never;
  };
  "/v1/ops/emergencies": {
    parameters: {
      query?: never;
      header?: never;
      path?: never;
      cookie?: never;
    };
    get: operations["safety_list_emergencies"];
    put?: never;
    post?: never;
    delete?: never;
    options?: never;
    head?: never;
    patch?: never;
    trace?: never;
  };
  "/v1/ops/flags": {
    parameters: {
      query?: never;
      header?: never;
      path?: never;
      cookie?: never;
    };
    get: operations["flags_list_all"];
    put?: never;
    post?: never;
    delete?: never;
    options?: never;
    head?: never;
    patch?: never;
    trace?: never;
  };
  "/v1/ops/flags/{id}/confirm": {
    parameters: {
      query?: never;
      header?: never;
      path?: never;
      cookie?: never;
    };
    get?: never;
    put?: never;
    post: operations["flags_confirm"];
    delete?: never;
    options?: never;
    head?: never;
    patch?: never;
    trace?: never;
  };
  "/v1/ops/flags/{id}/reject": {
    parameters: {
      query?: never;
      header?: never;
      path?: never;
      cookie?: never;
    };
    get?: never;
    put?: never;
    post: operations["flags_reject"];
    delete?: never;
    options?: never;
    head?: never;
    patch?: never;
    trace?: never;
  };
  "/v1/ops/institutions": {
    parameters: {
      query?: never;
      header?: never;
      path?: never;
      cookie?: never;
    };
    get: operations["institutions_list_institutions"];
    put?: never;
    post: operations["institutions_register"];
    delete?: never;
    options?: never;
    head?: never;
    patch?: never;
    trace?: never;
  };
  "/v1/ops/institutions/{id}": {
    parameters: {
      query?: never;
      header?: never;
      path?: never;
      cookie?: never;
    };
    get?: never;
    put?: never;
    post?: never;
    delete?: never;
    options?: never;
    head?: never;
    patch: operations["institutions_change"];
    trace?: never;
  };
  "/v1/ops/ledger": {
    parameters: {
      query?: never;
      header?: never;
      path?: never;
      cookie?: never;
    };
    get: operations["ops_bills_tell_ledger"];
    put?: never;
    post?: never;
    delete?: never;
    options?: never;
    head?: never;
    patch?: never;
    trace?: never;
  };
  "/v1/ops/map": {
    parameters: {
      query?: never;
      header?: never;
      path?: never;
      cookie?: never;
    };
    get: operations["ops_console_show_map"];
    put?: never;
    post?: never;
    delete?: never;
    options?: never;
    head?: never;
    patch?: never;
    trace?: never;
  };
  "/v1/ops/models": {
    parameters: {
      query?: never;
      header?: never;
      path?: never;
      cookie?: never;
    };
    get: operations["ops_models_show_models"];
    put?: never;
    post?: never;
    delete?: never;
    options?: never;
    head?: never;
    patch?: never;
    trace?: never;
  };
  "/v1/ops/nurses": {
    parameters: {
      query?: never;
      header?: never;
      path?: never;
      cookie?: never;
    };
    get: operations["ops_nurses_list_nurses"];
    put?: never;
    post: operations["ops_nurses_register"];
    delete?: never;
    options?: never;
    head?: never;
    patch?: never;
    trace?: never;
  };
  "/v1/ops/nurses/import": {
    parameters: {
      query?: never;
      header?: never;
      path?: never;
      cookie?: never;
    };
    get?: never;
    put?: never;
    post: operations["ops_nurses_import_file"];
    delete?: never;
    options?: never;
    head?: never;
    patch?: never;
    trace?: never;
  };
  "/v1/ops/nurses/{id}": {
    parameters: {
      query?: never;
      header?: never;
      path?: never;
      cookie?: never;
    };
    get: operations["ops_nurses_get"];
    put?: never;
    post?: never;
    delete?: never;
    options?: never;
    head?: never;
    patch: operations["ops_nurses_change"];
    trace?: never;
  };
  "/v1/ops/nurses/{id}/confirm-face": {
    parameters: {
      query?: never;
      header?: never;
      path?: never;
      cookie?: never;
    };
    get?: never;
    put?: never;
    post: operations["faces_confirm"];
    delete?: never;
    options?: never;
    head?: never;
    patch?: never;
    trace?: never;
  };
  "/v1/ops/nurses/{id}/confirm-registration": {
    parameters: {
      query?: never;
      header?: never;
      path?: never;
      cookie?: never;
    };
    get?: never;
    put?: never;
    post: operations["ops_nurses_confirm_registration"];
    delete?: never;
    options?: never;
    head?: never;
    patch?: never;
    trace?: never;
  };
  "/v1/ops/nurses/{id}/day": {
    parameters: {
      query?: never;
      header?: never;
      path?: never;
      cookie?: never;
    };
    get: operations["ops_board_show_day"];
    put?: never;
    post?: never;
    delete?: never;
    options?: never;
    head?: never;
    patch?: never;
    trace?: never;
  };
  "/v1/ops/nurses/{id}/policies": {
    parameters: {
      query?: never;
      header?: never;
      path?: never;
      cookie?: never;
    };
    get: operations["policies_list_of_nurse"];
    put?: never;
    post?: never;
    delete?: never;
    options?: never;
    head?: never;
    patch?: never;
    trace?: never;
  };
  "/v1/ops/nurses/{id}/reinstate": {
    parameters: {
      query?: never;
      header?: never;
      path?: never;
      cookie?: never;
    };
    get?: never;
    put?: never;
    post: operations["ops_nurses_reinstate"];
    delete?: never;
    options?: never;
    head?: never;
    patch?: never;
    trace?: never;
  };
  "/v1/ops/nurses/{id}/suspend": {
    parameters: {
      query?: never;
      header?: never;
      path?: never;
      cookie?: never;
    };
    get?: never;
    put?: never;
    post: operations["ops_nurses_suspend"];
    delete?: never;
    options?: never;
    head?: never;
    patch?: never;
    trace?: never;
  };
  "/v1/ops/orders": {
    parameters: {
      query?: never;
      header?: never;
      path?: never;
      cookie?: never;
    };
    get: operations["ops_desk_list_orders"];
    put?: never;
    post: operations["ops_desk_place"];
    delete?: never;
    options?: never;
    head?: never;
    patch?: never;
    trace?: never;
  };
  "/v1/ops/orders/{id}": {
    parameters: {
      query?: never;
      header?: never;
      path?: never;
      cookie?: never;
    };
    get: operations["ops_desk_get"];
    put?: never;
    post?: never;
    delete?: never;
    options?: never;
    head?: never;
    patch?: never;
    trace?: never;
  };
  "/v1/ops/orders/{id}/assess": {
    parameters: {
      query?: never;
      header?: never;
      path?: never;
      cookie?: never;
    };
    get?: never;
    put?: never;
    post: operations["ops_orders_assess"];
    delete?: never;
    options?: never;
    head?: never;
    patch?: never;
    trace?: never;
  };
  "/v1/ops/orders/{id}/assessments": {
    parameters: {
      query?: never;
      header?: never;
      path?: never;
      cookie?: never;
    };
    get: operations["assessments_list_of_order"];
    put?: never;
    post?: never;
    delete?: never;
    options?: never;
    head?: never;
    patch?: never;
    trace?: never;
  };
  "/v1/ops/orders/{id}/assign": {
    parameters: {
      query?: never;
      header?: never;
      path?: never;
      cookie?: never;
    };
    get?: never;
    put?: never;
    post: operations["ops_orders_assign"];
    delete?: never;
    options?: never;
    head?: never;
    patch?: never;
    trace?: never;
  };
  "/v1/ops/orders/{id}/batches": {
    parameters: {
      query?: never;
      header?: never;
      path?: never;
      cookie?: never;
    };
    get: operations["ops_batches_list_of_order"];
    put?: never;
    post?: never;
    delete?: never;
    options?: never;
    head?: never;
    patch?: never;
    trace?: never;
  };
  "/v1/ops/orders/{id}/bill": {
    parameters: {
      query?: never;
      header?: never;
      path?: never;
      cookie?: never;
    };
    get: operations["ops_bills_get_of_order"];
    put?: never;
    post?: never;
    delete?: never;
    options?: never;
    head?: never;
    patch?: never;
    trace?: never;
  };
  "/v1/ops/orders/{id}/cancel": {
    parameters: {
      query?: never;
      header?: never;
      path?: never;
      cookie?: never;
    };
    get?: never;
    put?: never;
    post: operations["ops_desk_cancel"];
    delete?: never;
    options?: never;
    head?: never;
    patch?: never;
    trace?: never;
  };
  "/v1/ops/orders/{id}/candidates": {
    parameters: {
      query?: never;
      header?: never;
      path?: never;
      cookie?: never;
    };
    get: operations["ops_orders_list_candidates"];
    put?: never;
    post?: never;
    delete?: never;
    options?: never;
    head?: never;
    patch?: never;
    trace?: never;
  };
  "/v1/ops/orders/{id}/hold": {
    parameters: {
      query?: never;
      header?: never;
      path?: never;
      cookie?: never;
    };
    get?: never;
    put?: never;
    post: operations["ops_orders_hold"];
    delete?: never;
    options?: never;
    head?: never;
    patch?: never;
    trace?: never;
  };
  "/v1/ops/orders/{id}/redispatch": {
    parameters: {
      query?: never;
      header?: never;
      path?: never;
      cookie?: never;
    };
    get?: never;
    put?: never;
    post: operations["ops_orders_redispatch"];
    delete?: never;
    options?: never;
    head?: never;
    patch?: never;
    trace?: never;
  };
  "/v1/ops/orders/{id}/reopen": {
    parameters: {
      query?: never;
      header?: never;
      path?: never;
      cookie?: never;
    };
    get?: never;
    put?: never;
    post: operations["ops_orders_reopen"];
    delete?: never;
    options?: never;
    head?: never;
    patch?: never;
    trace?: never;
  };
  "/v1/ops/orders/{id}/timeline": {
    parameters: {
      query?: never;
      header?: never;
      path?: never;
      cookie?: never;
    };
    get: operations["ops_desk_tell_timeline"];
    put?: never;
    post?: never;
    delete?: never;
    options?: never;
    head?: never;
    patch?: never;
    trace?: never;
  };
  "/v1/ops/patients/{id}/coverages": {
    parameters: {
      query?: never;
      header?: never;
      path?: never;
      cookie?: never;
    };
    get: operations["ops_bills_list_coverages"];
    put?: never;
    post: operations["ops_bills_cover"];
    delete?: never;
    options?: never;
    head?: never;
    patch?: never;
    trace?: never;
  };
  "/v1/ops/patients/{id}/coverages/{coverage_id}/end": {
    parameters: {
      query?: never;
      header?: never;
      path?: never;
      cookie?: never;
    };
    get?: never;
    put?: never;
    post: operations["ops_bills_end_coverage"];
    delete?: never;
    options?: never;
    head?: never;
    patch?: never;
    trace?: never;
  };
  "/v1/ops/patients/{id}/flags": {
    parameters: {
      query?: never;
      header?: never;
      path?: never;
      cookie?: never;
    };
    get?: never;
    put?: never;
    post: operations["flags_flag_patient"];
    delete?: never;
    options?: never;
    head?: never;
    patch?: never;
    trace?: never;
  };
  "/v1/ops/payments/differences": {
    parameters: {
      query?: never;
      header?: never;
      path?: never;
      cookie?: never;
    };
    get: operations["ops_bills_list_differences"];
    put?: never;
    post?: never;
    delete?: never;
    options?: never;
    head?: never;
    patch?: never;
    trace?: never;
  };
  "/v1/ops/payments/differences/{difference_id}/resolve": {
    parameters: {
      query?: never;
      header?: never;
      path?: never;
      cookie?: never;
    };
    get?: never;
    put?: never;
    post: operations["ops_bills_resolve"];
    delete?: never;
    options?: never;
    head?: never;
    patch?: never;
    trace?: never;
  };
  "/v1/ops/plans": {
    parameters: {
      query?: never;
      header?: never;
      path?: never;
      cookie?: never;
    };
    get: operations["ops_plans_list_standing"];
    put?: never;
    post: operations["ops_plans_plan"];
    delete?: never;
    options?: never;
    head?: never;
    patch?: never;
    trace?: never;
  };
  "/v1/ops/plans/commit": {
    parameters: {
      query?: never;
      header?: never;
      path?: never;
      cookie?: never;
    };
    get?: never;
    put?: never;
    post: operations["ops_plans_commit"];
    delete?: never;
    options?: never;
    head?: never;
    patch?: never;
    trace?: never;
  };
  "/v1/ops/reports/dispatch": {
    parameters: {
      query?: never;
      header?: never;
      path?: never;
      cookie?: never;
    };
    get: operations["dispatch_times_tell"];
    put?: never;
    post?: never;
    delete?: never;
    options?: never;
    head?: never;
    patch?: never;
    trace?: never;
  };
  "/v1/ops/reports/workload": {
    parameters: {
      query?: never;
      header?: never;
      path?: never;
      cookie?: never;
    };
    get: operations["workloads_tell"];
    put?: never;
    post?: never;
    delete?: never;
    options?: never;
    head?: never;
    patch?: never;
    trace?: never;
  };
  "/v1/ops/reports/{name}": {
    parameters: {
      query?: never;
      header?: never;
      path?: never;
      cookie?: never;
    };
    get: operations["reports_tell"];
    put?: never;
    post?: never;
    delete?: never;
    options?: never;
    head?: never;
    patch?: never;
    trace?: never;
  };
  "/v1/ops/shortages": {
    parameters: {
      query?: never;
      header?: never;
      path?: never;
      cookie?: never;
    };
    get: operations["ops_shortages_list_shortages"];
    put?: never;
    post?: never;
    delete?: never;
    options?: never;
    head?: never;
    patch?: never;
    trace?: never;
  };
  "/v1/ops/stream": {
    parameters: {
      query?: never;
      header?: never;
      path?: never;
      cookie?: never;
    };
    get: operations["streams_follow_operations"];
    put?: never;
    post?: never;
    delete?: never;
    options?: never;
    head?: never;
    patch?: never;
    trace?: never;
  };
  "/v1/ops/tariffs": {
    parameters: {
      query?: never;
      header?: never;
      path?: never;
      cookie?: never;
    };
    get: operations["ops_bills_list_tariffs"];
    put?: never;
    post: operations["ops_bills_declare"];
    delete?: never;
    options?: never;
    head?: never;
    patch?: never;
    trace?: never;
  };
  "/v1/ops/visits/{id}/abort": {
    parameters: {
      query?: never;
      header?: never;
      path?: never;
      cookie?: never;
    };
    get?: never;
    put?: never;
    post: operations["ops_board_abort"];
    delete?: never;
    options?: never;
    head?: never;
    patch?: never;
    trace?: never;
  };
  "/v1/ops/visits/{id}/adverse-events": {
    parameters: {
      query?: never;
      header?: never;
      path?: never;
      cookie?: never;
    };
    get?: never;
    put?: never;
    post: operations["ops_cases_report"];
    delete?: never;
    options?: never;
    head?: never;
    patch?: never;
    trace?: never;
  };
  "/v1/ops/visits/{id}/complete": {
    parameters: {
      query?: never;
      header?: never;
      path?: never;
      cookie?: never;
    };
    get?: never;
    put?: never;
    post: operations["ops_board_complete"];
    delete?: never;
    options?: never;
    head?: never;
    patch?: never;
    trace?: never;
  };
  "/v1/ops/visits/{id}/emergency": {
    parameters: {
      query?: never;
      header?: never;
      path?: never;
      cookie?: never;
    };
    get?: never;
    put?: never;
    post: operations["safety_declare_for_her"];
    delete?: never;
    options?: never;
    head?: never;
    patch?: never;
    trace?: never;
  };
  "/v1/ops/visits/{id}/emergency/release": {
    parameters: {
      query?: never;
      header?: never;
      path?: never;
      cookie?: never;
    };
    get?: never;
    put?: never;
    post: operations["safety_release"];
    delete?: never;
    options?: never;
    head?: never;
    patch?: never;
    trace?: never;
  };
  "/v1/ops/visits/{id}/facts/{fact_id}/supersede": {
    parameters: {
      query?: never;
      header?: never;
      path?: never;
      cookie?: never;
    };
    get?: never;
    put?: never;
    post: operations["ops_board_supersede"];
    delete?: never;
    options?: never;
    head?: never;
    patch?: never;
    trace?: never;
  };
  "/v1/ops/visits/{id}/miss": {
    parameters: {
      query?: never;
      header?: never;
      path?: never;
      cookie?: never;
    };
    get?: never;
    put?: never;
    post: operations["ops_board_miss"];
    delete?: never;
    options?: never;
    head?: never;
    patch?: never;
    trace?: never;
  };
  "/v1/ops/visits/{id}/reassign": {
    parameters: {
      query?: never;
      header?: never;
      path?: never;
      cookie?: never;
    };
    get?: never;
    put?: never;
    post: operations["ops_console_reassign"];
    delete?: never;
    options?: never;
    head?: never;
    patch?: never;
    trace?: never;
  };
  "/v1/ops/visits/{id}/reassign/preview": {
    parameters: {
      query?: never;
      header?: never;
      path?: never;
      cookie?: never;
    };
    get?: never;
    put?: never;
    post: operations["ops_console_preview_reassign"];
    delete?: never;
    options?: never;
    head?: never;
    patch?: never;
    trace?: never;
  };
  "/v1/ops/visits/{id}/release": {
    parameters: {
      query?: never;
      header?: never;
      path?: never;
      cookie?: never;
    };
    get?: never;
    put?: never;
    post: operations["ops_board_release"];
    delete?: never;
    options?: never;
    head?: never;
    patch?: never;
    trace?: never;
  };
  "/v1/ops/visits/{id}/waste/excuse": {
    parameters: {
      query?: never;
      header?: never;
      path?: never;
      cookie?: never;
    };
    get?: never;
    put?: never;
    post: operations["ops_waste_excuse"];
    delete?: never;
    options?: never;
    head?: never;
    patch?: never;
    trace?: never;
  };
  "/v1/ops/visits/{id}/waste/receive": {
    parameters: {
      query?: never;
      header?: never;
      path?: never;
      cookie?: never;
    };
    get?: never;
    put?: never;
    post: operations["ops_waste_receive"];
    delete?: never;
    options?: never;
    head?: never;
    patch?: never;
    trace?: never;
  };
  "/v1/ops/waste": {
    parameters: {
      query?: never;
      header?: never;
      path?: never;
      cookie?: never;
    };
    get: operations["ops_waste_list_out"];
    put?: never;
    post?: never;
    delete?: never;
    options?: never;
    head?: never;
    patch?: never;
    trace?: never;
  };
  "/v1/orders": {
    parameters: {
      query?: never;
      header?: never;
      path?: never;
      cookie?: never;
    };
    get: operations["orders_list_orders"];
    put?: never;
    post: operations["orders_place"];
    delete?: never;
    options?: never;
    head?: never;
    patch?: never;
    trace?: never;
  };
  "/v1/orders/{id}": {
    parameters: {
      query?: never;
      header?: never;
      path?: never;
      cookie?: never;
    };
    get: operations["orders_get"];
    put?: never;
    post?: never;
    delete?: never;
    options?: never;
    head?: never;
    patch?: never;
    trace?: never;
  };
  "/v1/orders/{id}/answer": {
    parameters: {
      query?: never;
      header?: never;
      path?: never;
      cookie?: never;
    };
    get?: never;
    put?: never;
    post: operations["orders_answer"];
    delete?: never;
    options?: never;
    head?: never;
    patch?: never;
    trace?: never;
  };
  "/v1/orders/{id}/bill": {
    parameters: {
      query?: never;
      header?: never;
      path?: never;
      cookie?: never;
    };
    get: operations["bills_get_of_order"];
    put?: never;
    post?: never;
    delete?: never;
    options?: never;
    head?: never;
    patch?: never;
    trace?: never;
  };
  "/v1/orders/{id}/cancel": {
    parameters: {
      query?: never;
      header?: never;
      path?: never;
      cookie?: never;
    };
    get?: never;
    put?: never;
    post: operations["orders_cancel"];
    delete?: never;
    options?: never;
    head?: never;
    patch?: never;
    trace?: never;
  };
  "/v1/orders/{id}/complaint": {
    parameters: {
      query?: never;
      header?: never;
      path?: never;
      cookie?: never;
    };
    get?: never;
    put?: never;
    post: operations["cases_complain"];
    delete?: never;
    options?: never;
    head?: never;
    patch?: never;
    trace?: never;
  };
  "/v1/orders/{id}/confirm": {
    parameters: {
      query?: never;
      header?: never;
      path?: never;
      cookie?: never;
    };
    get?: never;
    put?: never;
    post: operations["orders_confirm"];
    delete?: never;
    options?: never;
    head?: never;
    patch?: never;
    trace?: never;
  };
  "/v1/orders/{id}/documents": {
    parameters: {
      query?: never;
      header?: never;
      path?: never;
      cookie?: never;
    };
    get: operations["documents_list_documents"];
    put?: never;
    post: operations["documents_attach"];
    delete?: never;
    options?: never;
    head?: never;
    patch?: never;
    trace?: never;
  };
  "/v1/orders/{id}/documents/{document_id}": {
    parameters: {
      query?: never;
      header?: never;
      path?: never;
      cookie?: never;
    };
    get: operations["documents_get_file"];
    put?: never;
    post?: never;
    delete?: never;
    options?: never;
    head?: never;
    patch?: never;
    trace?: never;
  };
  "/v1/orders/{id}/rating": {
    parameters: {
      query?: never;
      header?: never;
      path?: never;
      cookie?: never;
    };
    get?: never;
    put?: never;
    post: operations["orders_rate"];
    delete?: never;
    options?: never;
    head?: never;
    patch?: never;
    trace?: never;
  };
  "/v1/orders/{id}/reschedule": {
    parameters: {
      query?: never;
      header?: never;
      path?: never;
      cookie?: never;
    };
    get?: never;
    put?: never;
    post: operations["orders_reschedule"];
    delete?: never;
    options?: never;
    head?: never;
    patch?: never;
    trace?: never;
  };
  "/v1/orders/{id}/resume": {
    parameters: {
      query?: never;
      header?: never;
      path?: never;
      cookie?: never;
    };
    get?: never;
    put?: never;
    post: operations["safety_resume"];
    delete?: never;
    options?: never;
    head?: never;
    patch?: never;
    trace?: never;
  };
  "/v1/orders/{id}/timeline": {
    parameters: {
      query?: never;
      header?: never;
      path?: never;
      cookie?: never;
    };
    get: operations["orders_tell_timeline"];
    put?: never;
    post?: never;
    delete?: never;
    options?: never;
    head?: never;
    patch?: never;
    trace?: never;
  };
  "/v1/orders/{id}/tracking": {
    parameters: {
      query?: never;
      header?: never;
      path?: never;
      cookie?: never;
    };
    get: operations["orders_track"];
    put?: never;
    post?: never;
    delete?: never;
    options?: never;
    head?: never;
    patch?: never;
    trace?: never;
  };
  "/v1/patients": {
    parameters: {
      query?: never;
      header?: never;
      path?: never;
      cookie?: never;
    };
    get: operations["patients_list_patients"];
    put?: never;
    post: operations["patients_create_patient"];
    delete?: never;
    options?: never;
    head?: never;
    patch?: never;
    trace?: never;
  };
  "/v1/patients/{id}": {
    parameters: {
      query?: never;
      header?: never;
      path?: never;
      cookie?: never;
    };
    get: operations["patients_get_patient"];
    put?: never;
    post?: never;
    delete: operations["patients_remove_patient"];
    options?: never;
    head?: never;
    patch: operations["patients_change_patient"];
    trace?: never;
  };
  "/v1/patients/{id}/addresses": {
    parameters: {
      query?: never;
      header?: never;
      path?: never;
      cookie?: never;
    };
    get: operations["patients_list_addresses"];
    put?: never;
    post: operations["patients_add_address"];
    delete?: never;
    options?: never;
    head?: never;
    patch?: never;
    trace?: never;
  };
  "/v1/patients/{id}/addresses/{address_id}": {
    parameters: {
      query?: never;
      header?: never;
      path?: never;
      cookie?: never;
    };
    get: operations["patients_get_address"];
    put?: never;
    post?: never;
    delete: operations["patients_remove_address"];
    options?: never;
    head?: never;
    patch?: never;
    trace?: never;
  };
  "/v1/patients/{id}/clearances": {
    parameters: {
      query?: never;
      header?: never;
      path?: never;
      cookie?: never;
    };
    get: operations["assessments_list_clearances"];
    put?: never;
    post?: never;
    delete?: never;
    options?: never;
    head?: never;
    patch?: never;
    trace?: never;
  };
  "/v1/patients/{id}/consents": {
    parameters: {
      query?: never;
      header?: never;
      path?: never;
      cookie?: never;
    };
    get: operations["consents_list_entries"];
    put?: never;
    post: operations["consents_give"];
    delete?: never;
    options?: never;
    head?: never;
    patch?: never;
    trace?: never;
  };
  "/v1/patients/{id}/consents/withdraw": {
    parameters: {
      query?: never;
      header?: never;
      path?: never;
      cookie?: never;
    };
    get?: never;
    put?: never;
    post: operations["consents_withdraw"];
    delete?: never;
    options?: never;
    head?: never;
    patch?: never;
    trace?: never;
  };
  "/v1/patients/{id}/flags": {
    parameters: {
      query?: never;
      header?: never;
      path?: never;
      cookie?: never;
    };
    get: operations["flags_list_of_patient"];
    put?: never;
    post?: never;
    delete?: never;
    options?: never;
    head?: never;
    patch?: never;
    trace?: never;
  };
  "/v1/patients/{id}/records": {
    parameters: {
      query?: never;
      header?: never;
      path?: never;
      cookie?: never;
    };
    get: operations["visits_list_records_of_patient"];
    put?: never;
    post?: never;
    delete?: never;
    options?: never;
    head?: never;
    patch?: never;
    trace?: never;
  };
  "/v1/payments/callbacks/{provider}": {
    parameters: {
      query?: never;
      header?: never;
      path?: never;
      cookie?: never;
    };
    get?: never;
    put?: never;
    post: operations["bills_hear"];
    delete?: never;
    options?: never;
    head?: never;
    patch?: never;
    trace?: never;
  };
  "/v1/prescriptions": {
    parameters: {
      query?: never;
      header?: never;
      path?: never;
      cookie?: never;
    };
    get?: never;
    put?: never;
    post: operations["prescriptions_write"];
    delete?: never;
    options?: never;
    head?: never;
    patch?: never;
    trace?: never;
  };
  "/v1/prescriptions/{id}": {
    parameters: {
      query?: never;
      header?: never;
      path?: never;
      cookie?: never;
    };
    get: operations["prescriptions_get"];
    put?: never;
    post?: never;
    delete?: never;
    options?: never;
    head?: never;
    patch?: never;
    trace?: never;
  };
  "/v1/prescriptions/{id}/file": {
    parameters: {
      query?: never;
      header?: never;
      path?: never;
      cookie?: never;
    };
    get: operations["prescriptions_get_file"];
    put: operations["prescriptions_put_file"];
    post?: never;
    delete?: never;
    options?: never;
    head?: never;
    patch?: never;
    trace?: never;
  };
  "/v1/push/key": {
    parameters: {
      query?: never;
      header?: never;
      path?: never;
      cookie?: never;
    };
    get: operations["push_get_key"];
    put?: never;
    post?: never;
    delete?: never;
    options?: never;
    head?: never;
    patch?: never;
    trace?: never;
  };
  "/v1/push/subscription": {
    parameters: {
      query?: never;
      header?: never;
      path?: never;
      cookie?: never;
    };
    get?: never;
    put: operations["push_subscribe"];
    post?: never;
    delete: operations["push_unsubscribe"];
    options?: never;
    head?: never;
    patch?: never;
    trace?: never;
  };
  "/v1/quotes": {
    parameters: {
      query?: never;
      header?: never;
      path?: never;
      cookie?: never;
    };
    get?: never;
    put?: never;
    post: operations["quotes_quote"];
    delete?: never;
    options?: never;
    head?: never;
    patch?: never;
    trace?: never;
  };
  "/v1/service-areas": {
    parameters: {
      query?: never;
      header?: never;
      path?: never;
      cookie?: never;
    };
    get: operations["catalogue_get_service_areas"];
    put?: never;
    post?: never;
    delete?: never;
    options?: never;
    head?: never;
    patch?: never;
    trace?: never;
  };
  "/v1/services": {
    parameters: {
      query?: never;
      header?: never;
      path?: never;
      cookie?: never;
    };
    get: operations["catalogue_list_services"];
    put?: never;
    post?: never;
    delete?: never;
    options?: never;
    head?: never;
    patch?: never;
    trace?: never;
  };
  "/v1/services/{code}": {
    parameters: {
      query?: never;
      header?: never;
      path?: never;
      cookie?: never;
    };
    get: operations["catalogue_get_service"];
    put?: never;
    post?: never;
    delete?: never;
    options?: never;
    head?: never;
    patch?: never;
    trace?: never;
  };
  "/v1/stream": {
    parameters: {
      query?: never;
      header?: never;
      path?: never;
      cookie?: never;
    };
    get: operations["streams_follow"];
    put?: never;
    post?: never;
    delete?: never;
    options?: never;
    head?: never;
    patch?: never;
    trace?: never;
  };
  "/v1/time": {
    parameters: {
      query?: never;
      header?: never;
      path?: never;
      cookie?: never;
    };
    get: operations["system_get_time"];
    put?: never;
    post?: never;
    delete?: never;
    options?: never;
    head?: never;
    patch?: never;
    trace?: never;
  };
  "/v1/visits/{id}": {
    parameters: {
      query?: never;
      header?: never;
      path?: never;
      cookie?: never;
    };
    get: operations["visits_get"];
    put?: never;
    post?: never;
    delete?: never;
    options?: never;
    head?: never;
    patch?: never;
    trace?: never;
  };
  "/v1/visits/{id}/abort": {
    parameters: {
      query?: never;
      header?: never;
      path?: never;
      cookie?: never;
    };
    get?: never;
    put?: never;
    post: operations["visits_abort"];
    delete?: never;
    options?: never;
    head?: never;
    patch?: never;
    trace?: never;
  };
  "/v1/visits/{id}/adverse-events": {
    parameters: {
      query?: never;
      header?: never;
      path?: never;
      cookie?: never;
    };
    get?: never;
    put?: never;
    post: operations["cases_report"];
    delete?: never;
    options?: never;
    head?: never;
    patch?: never;
    trace?: never;
  };
  "/v1/visits/{id}/arrive": {
    parameters: {
      query?: never;
      header?: never;
      path?: never;
      cookie?: never;
    };
    get?: never;
    put?: never;
    post: operations["visits_arrive"];
    delete?: never;
    options?: never;
    head?: never;
    patch?: never;
    trace?: never;
  };
  "/v1/visits/{id}/attachments": {
    parameters: {
      query?: never;
      header?: never;
      path?: never;
      cookie?: never;
    };
    get: operations["attachments_list_attachments"];
    put?: never;
    post: operations["attachments_attach"];
    delete?: never;
    options?: never;
    head?: never;
    patch?: never;
    trace?: never;
  };
  "/v1/visits/{id}/attachments/{attachment_id}": {
    parameters: {
      query?: never;
      header?: never;
      path?: never;
      cookie?: never;
    };
    get: operations["attachments_get_file"];
    put?: never;
    post?: never;
    delete?: never;
    options?: never;
    head?: never;
    patch?: never;
    trace?: never;
  };
  "/v1/visits/{id}/call": {
    parameters: {
      query?: never;
      header?: never;
      path?: never;
      cookie?: never;
    };
    get?: never;
    put?: never;
    post: operations["contact_ask_for_number"];
    delete?: never;
    options?: never;
    head?: never;
    patch?: never;
    trace?: never;
  };
  "/v1/visits/{id}/change-orders": {
    parameters: {
      query?: never;
      header?: never;
      path?: never;
      cookie?: never;
    };
    get: operations["bills_list_changes"];
    put?: never;
    post: operations["bills_propose_change"];
    delete?: never;
    options?: never;
    head?: never;
    patch?: never;
    trace?: never;
  };
  "/v1/visits/{id}/check-in": {
    parameters: {
      query?: never;
      header?: never;
      path?: never;
      cookie?: never;
    };
    get?: never;
    put?: never;
    post: operations["safety_check_in"];
    delete?: never;
    options?: never;
    head?: never;
    patch?: never;
    trace?: never;
  };
  "/v1/visits/{id}/complete": {
    parameters: {
      query?: never;
      header?: never;
      path?: never;
      cookie?: never;
    };
    get?: never;
    put?: never;
    post: operations["visits_complete"];
    delete?: never;
    options?: never;
    head?: never;
    patch?: never;
    trace?: never;
  };
  "/v1/visits/{id}/confirmation": {
    parameters: {
      query?: never;
      header?: never;
      path?: never;
      cookie?: never;
    };
    get?: never;
    put?: never;
    post: operations["contact_confirm"];
    delete?: never;
    options?: never;
    head?: never;
    patch?: never;
    trace?: never;
  };
  "/v1/visits/{id}/depart": {
    parameters: {
      query?: never;
      header?: never;
      path?: never;
      cookie?: never;
    };
    get?: never;
    put?: never;
    post: operations["visits_depart"];
    delete?: never;
    options?: never;
    head?: never;
    patch?: never;
    trace?: never;
  };
  "/v1/visits/{id}/door-attempts": {
    parameters: {
      query?: never;
      header?: never;
      path?: never;
      cookie?: never;
    };
    get?: never;
    put?: never;
    post: operations["safety_try_door"];
    delete?: never;
    options?: never;
    head?: never;
    patch?: never;
    trace?: never;
  };
  "/v1/visits/{id}/emergency": {
    parameters: {
      query?: never;
      header?: never;
      path?: never;
      cookie?: never;
    };
    get?: never;
    put?: never;
    post: operations["safety_declare"];
    delete?: never;
    options?: never;
    head?: never;
    patch?: never;
    trace?: never;
  };
  "/v1/visits/{id}/flags": {
    parameters: {
      query?: never;
      header?: never;
      path?: never;
      cookie?: never;
    };
    get?: never;
    put?: never;
    post: operations["flags_flag_visit"];
    delete?: never;
    options?: never;
    head?: never;
    patch?: never;
    trace?: never;
  };
  "/v1/visits/{id}/messages": {
    parameters: {
      query?: never;
      header?: never;
      path?: never;
      cookie?: never;
    };
    get: operations["contact_list_messages"];
    put?: never;
    post: operations["contact_write"];
    delete?: never;
    options?: never;
    head?: never;
    patch?: never;
    trace?: never;
  };
  "/v1/visits/{id}/records": {
    parameters: {
      query?: never;
      header?: never;
      path?: never;
      cookie?: never;
    };
    get: operations["visits_list_records"];
    put?: never;
    post: operations["visits_keep"];
    delete?: never;
    options?: never;
    head?: never;
    patch?: never;
    trace?: never;
  };
  "/v1/visits/{id}/release": {
    parameters: {
      query?: never;
      header?: never;
      path?: never;
      cookie?: never;
    };
    get?: never;
    put?: never;
    post: operations["visits_release"];
    delete?: never;
    options?: never;
    head?: never;
    patch?: never;
    trace?: never;
  };
  "/v1/visits/{id}/sos": {
    parameters: {
      query?: never;
      header?: never;
      path?: never;
      cookie?: never;
    };
    get?: never;
    put?: never;
    post: operations["visits_press"];
    delete?: never;
    options?: never;
    head?: never;
    patch?: never;
    trace?: never;
  };
  "/v1/visits/{id}/start": {
    parameters: {
      query?: never;
      header?: never;
      path?: never;
      cookie?: never;
    };
    get?: never;
    put?: never;
    post: operations["visits_start"];
    delete?: never;
    options?: never;
    head?: never;
    patch?: never;
    trace?: never;
  };
  "/v1/vocabulary": {
    parameters: {
      query?: never;
      header?: never;
      path?: never;
      cookie?: never;
    };
    get: operations["catalogue_get_vocabulary"];
    put?: never;
    post?: never;
    delete?: never;
    options?: never;
    head?: never;
    patch?: never;
    trace?: never;
  };
}
export type webhooks = Record<string, never>;
export interface components {
  schemas: {
    /**
    * AbleNurse
    * @description Of the visits her free hours between the two times hold `visits_max` at most.
    */
    AbleNurse: {
      /**
      * Nurse Id
      * Format: uuid
      */
      nurse_id: string;
      /** Visits Max */
      visits_max: number;
    };
    /**
    * Abort
    * @description `reason`: clinical, refused, nobody_home, unsafe or other; words may follow a colon.
    */
    Abort: {
      /** Reason */
      reason: string;
      /**
      * At
      * Format: date-time
      */
      at: string;
    };
    /**
    * AcceptanceModel
    * @description ln(p / (1 - p)) = `a` + `b` (terms + the service's leaning + the nurse's own).
    *
    *     Learned from `offers` answers at `learned_at`; `age_days` is full days since. `used` is false
    *     where waves keep the size that is set. `reliability` has tenths of the offers, the least likely
    *     first.
    */
    AcceptanceModel: {
      /**
      * Learned At
      * Format: date-time
      */
      learned_at: string;
      /** Age Days */
      age_days: number;
      /** Offers */
      offers: number;
      /** Used */
      used: boolean;
      /** Target Percent */
      target_percent: number;
      /** A */
      a: number;
      /** B */
      b: number;
      /** Terms */
      terms: components["schemas"]["TermView"][];
      /** Services */
      services: components["schemas"]["ServiceLeaning"][];
      /** Reliability */
      reliability: components["schemas"]["ReliabilityBar"][];
    };
    /**
    * Accepted
    * @description `state` is the visit's.
    */
    Accepted: {
      /**
      * Visit Id
      * Format: uuid
      */
      visit_id: string;
      /**
      * Order Id
      * Format: uuid
      */
      order_id: string;
      /** Seat */
      seat: number;
      state: components["schemas"]["VisitState"];
    };
    /**
    * AcknowledgePolicy
    * @description `version` is the one that was read.
    */
    AcknowledgePolicy: {
      /** Version */
      version: string;
    };
    /** AddressSheet */
    AddressSheet: {
      /** Label */
      label: string;
      /** Text */
      text: string;
      location: components["schemas"]["Place"];
      /**
      * Access Notes
      * @default null
      */
      access_notes: string | null;
      /**
      * Floor
      * @default null
      */
      floor: number | null;
      /**
      * Has Lift
      * @default null
      */
      has_lift: boolean | null;
    };
    /**
    * AddressView
    * @description `county` is null where nobody is sent (yet); `floor` and `has_lift` where nobody said.
    *
    *     An address is never changed, since past orders name it: its `version` stays 1.
    */
    AddressView: {
      /**
      * Id
      * Format: uuid
      */
      id: string;
      /** Label */
      label: string;
      /** Text */
      text: string;
      location: components["schemas"]["Place"];
      /** Access Notes */
      access_notes: string | null;
      /** Floor */
      floor: number | null;
      /** Has Lift */
      has_lift: boolean | null;
      /** County */
      county: string | null;
      /**
      * Created At
      * Format: date-time
      */
      created_at: string;
      /** Version */
      version: number;
    };
    /**
    * Against
    * @description What of the negative list an order comes under; what asks for a `review` needs a reason.
    */
    Against: {
      /** Name */
      name: string;
      /** Text */
      text: string;
      verdict: components["schemas"]["Verdict"];
    };
    /**
    * Alarm
    * @description `text` says what it is and what to do.
    *
    *     `nurse`, `service_codes` and `county` are the visit's: who is where for what. `location` and
    *     `presses`, what the phone sent, are told where the alarms are listed.
    */
    Alarm: {
      /**
      * Id
      * Format: uuid
      */
      id: string;
      /** Kind */
      kind: string;
      /** Text */
      text: string;
      /** Level */
      level: number;
      state: components["schemas"]["AlarmState"];
      /** Version */
      version: number;
      /** Moves */
      moves: components["schemas"]["MoveView"][];
      /** Step */
      step: number;
      /** Visit Id */
      visit_id: string | null;
      /** Order Id */
      order_id: string | null;
      nurse: components["schemas"]["AlarmNurse"] | null;
      /** Service Codes */
      service_codes: string[];
      /** County */
      county: string | null;
      location: components["schemas"]["Place"] | null;
      /** Presses */
      presses: {
        [key: string]: components["schemas"]["JsonValue"];
      }[];
      /**
      * Raised At
      * Format: date-time
      */
      raised_at: string;
      /** Acknowledged At */
      acknowledged_at: string | null;
      /** Resolved At */
      resolved_at: string | null;
    };
    /** AlarmNurse */
    AlarmNurse: {
      /**
      * Id
      * Format: uuid
      */
      id: string;
      /** Staff No */
      staff_no: number;
      /** Name */
      name: string;
    };
    /**
    * AlarmState
    * @description Whether a person has taken it up.
    * @enum {string}
    */
    AlarmState: "raised" | "acknowledged" | "resolved";
    /**
    * AnswerConfirmation
    * @description `yes`: ready for the visit; `later`: another time would be better; `no`: not to come.
    */
    AnswerConfirmation: {
      /**
      * Answer
      * @enum {string}
      */
      answer: "yes" | "later" | "no";
      /**
      * Text
      * @default null
      */
      text?: string | null;
    };
    /**
    * AnswerFollowUp
    * @description How the patient is: no `signs`, and she is well.
    */
    AnswerFollowUp: {
      /**
      * Signs
      * @default []
      */
      signs?: ("bleeding" | "breathing" | "confusion" | "dressing" | "feeding" | "fever" | "pain" | "rash" | "redness" | "tube")[];
      /**
      * Text
      * @default null
      */
      text?: string | null;
    };
    /**
    * AnswerQuestion
    * @description What the assessor asked for, in words, and what more of the preconditions is met.
    */
    AnswerQuestion: {
      /** Text */
      text: string;
      /**
      * Preconditions
      * @default []
      */
      preconditions?: string[];
    };
    /** AppealFlag */
    AppealFlag: {
      /** Words */
      words: string;
    };
    /**
    * Area
    * @description About where it is, before the address is told: the centre of a cell of `size_m`.
    */
    Area: {
      /** County */
      county: string;
      /** Name */
      name: string;
      center: components["schemas"]["Place"];
      /** Size M */
      size_m: number;
    };
    /**
    * AreaCollection
    * @description GeoJSON (RFC 7946), so in WGS-84 whatever the reader asks for.
    */
    AreaCollection: {
      /**
      * Type
      * @default FeatureCollection
      * @constant
      */
      type: "FeatureCollection";
      /** Features */
      features: components["schemas"]["AreaFeature"][];
    };
    /** AreaFeature */
    AreaFeature: {
      /**
      * Type
      * @default Feature
      * @constant
      */
      type: "Feature";
      properties: components["schemas"]["AreaProperties"];
      /** Geometry */
      geometry: {
        [key: string]: unknown;
      };
    };
    /** AreaProperties */
    AreaProperties: {
      /** Code */
      code: string;
      /** Name Zh */
      name_zh: string;
      /** Name En */
      name_en: string;
    };
    /**
    * Arrive
    * @description `override_reason`: why she is at the door although her phone says otherwise.
    */
    Arrive: {
      location: components["schemas"]["Place"];
      /**
      * At
      * Format: date-time
      */
      at: string;
      /**
      * Accuracy M
      * @default null
      */
      accuracy_m?: number | null;
      /**
      * Mock Location
      * @default false
      */
      mock_location?: boolean;
      /**
      * Device Id
      * @default null
      */
      device_id?: string | null;
      /**
      * Override Reason
      * @default null
      */
      override_reason?: string | null;
    };
    /**
    * AskFace
    * @description `token` is what the face kit on her phone gave for the picture that it took.
    */
    AskFace: {
      /** Token */
      token: string;
    };
    /** AskForCode */
    AskForCode: {
      /** Phone */
      phone: string;
    };
    /**
    * AskedItem
    * @description Of an extra the whole quantity that was found; of a material the pieces that are used.
    */
    AskedItem: {
      /** Code */
      code: string;
      /** Quantity */
      quantity: number;
    };
    /**
    * AssessOrder
    * @description `outcome` and `conditions` are words of `/v1/vocabulary`, which bind; own words are told.
    *
    *     `checklist` says of preconditions whether they are met, `overrides` why it may be done where one
    *     is not or the negative list asks for a reason, `has_capacity` whether the patient can decide.
    */
    AssessOrder: {
      decision: components["schemas"]["Decision"];
      /** Note */
      note: string;
      /**
      * Risk
      * @default null
      */
      risk?: string | null;
      /**
      * Outcome
      * @default null
      */
      outcome?: string | null;
      /** Conditions */
      conditions?: string[];
      /** Checklist */
      checklist?: {
        [key: string]: boolean;
      };
      /** Overrides */
      overrides?: {
        [key: string]: string;
      };
      /**
      * Findings
      * @default null
      */
      findings?: string | null;
      /**
      * Has Capacity
      * @default null
      */
      has_capacity?: boolean | null;
    };
    /**
    * Assessment
    * @description What the assessor decided; `note` is what she wrote to the patient.
    *
    *     `earlier`: nobody looked at it again, an earlier assessment still held.
    */
    Assessment: {
      /** Decision */
      decision: string;
      /**
      * Note
      * @default null
      */
      note: string | null;
      /**
      * Risk
      * @default null
      */
      risk: string | null;
      /**
      * Outcome
      * @default null
      */
      outcome: string | null;
      /** Conditions */
      conditions: string[];
      /** Conditions Text */
      conditions_text: string[];
      /**
      * Earlier
      * @default false
      */
      earlier: boolean;
      /**
      * At
      * @default null
      */
      at: string | null;
    };
    /**
    * AssessmentRecord
    * @description One finding on an order; `author_id` is null where the clock went by `earlier_ids`.
    */
    AssessmentRecord: {
      /**
      * Id
      * Format: uuid
      */
      id: string;
      /** Version */
      version: number;
      /** Service Codes */
      service_codes: string[];
      decision: components["schemas"]["Decision"];
      outcome: components["schemas"]["Outcome"];
      /** Conditions */
      conditions: string[];
      /** Conditions Text */
      conditions_text: string[];
      /**
      * Risk
      * @default null
      */
      risk: string | null;
      /**
      * Has Capacity
      * @default null
      */
      has_capacity: boolean | null;
      /** Checklist */
      checklist: {
        [key: string]: boolean;
      };
      /**
      * Findings
      * @default null
      */
      findings: string | null;
      /**
      * Note
      * @default null
      */
      note: string | null;
      /** Form Version */
      form_version: string;
      /**
      * Author Id
      * @default null
      */
      author_id: string | null;
      /** Earlier Ids */
      earlier_ids: string[];
      /**
      * Assessed At
      * Format: date-time
      */
      assessed_at: string;
    };
    /**
    * Assessments
    * @description All that was found on an order, first to last.
    */
    Assessments: {
      /** Items */
      items: components["schemas"]["AssessmentRecord"][];
    };
    /** AssignOrder */
    AssignOrder: {
      /**
      * Nurse Id
      * Format: uuid
      */
      nurse_id: string;
      /** Reason */
      reason: string;
    };
    /**
    * AtRisk
    * @description An order that waits past its promise, that waves have not filled, or whose patient nobody
    *     knows to be ready; `flags` are those of its visits.
    */
    AtRisk: {
      /**
      * Id
      * Format: uuid
      */
      id: string;
      state: components["schemas"]["OrderState"];
      /** Version */
      version: number;
      /** Moves */
      moves: components["schemas"]["MoveView"][];
      /** County */
      county: string;
      /** Service Codes */
      service_codes: string[];
      window: components["schemas"]["WindowView"];
      urgency: components["schemas"]["Urgency"];
      /** Seats */
      seats: number;
      /** Round */
      round: number;
      /** Wave */
      wave: number;
      /**
      * Promise At
      * Format: date-time
      */
      promise_at: string;
      /** At Risk */
      at_risk: boolean;
      /** Flags */
      flags: string[];
      /**
      * Created At
      * Format: date-time
      */
      created_at: string;
    };
    /**
    * Attachment
    * @description `sha256` is of the file as it is served, `received_sha256` as it was sent; both in hex.
    *
    *     They differ for pictures, of which only the picture is kept.
    */
    Attachment: {
      /**
      * Id
      * Format: uuid
      */
      id: string;
      /**
      * Visit Id
      * Format: uuid
      */
      visit_id: string;
      /**
      * Client Id
      * Format: uuid
      */
      client_id: string;
      kind: components["schemas"]["AttachmentKind"];
      /** Media Type */
      media_type: string;
      /** Size Bytes */
      size_bytes: number;
      /** Sha256 */
      sha256: string;
      /** Received Sha256 */
      received_sha256: string;
      /**
      * Started At
      * Format: date-time
      */
      started_at: string;
      /** Ended At */
      ended_at: string | null;
      consent_by: components["schemas"]["ConsentBy"] | null;
      /** Consent At */
      consent_at: string | null;
      /**
      * Received At
      * Format: date-time
      */
      received_at: string;
      /**
      * Author Id
      * Format: uuid
      */
      author_id: string;
    };
    /**
    * AttachmentKind
    * @enum {string}
    */
    AttachmentKind: "photo" | "audio";
    /**
    * Batch
    * @description Costs, prices and the gap are in minutes of travel. `gap` says how far from the best it can
    *     be: nought is the best. An order of weight 1 that is left out counts `unit`.
    *
    *     Without `proven` a check found something wrong, and gap and unit are null. `competences` are
    *     those that were scarce.
    */
    Batch: {
      /**
      * Id
      * Format: uuid
      */
      id: string;
      /**
      * At
      * Format: date-time
      */
      at: string;
      /** Orders */
      orders: number;
      /** Seats */
      seats: number;
      /** Orders Served */
      orders_served: number;
      /** Seats Filled */
      seats_filled: number;
      /** Cost */
      cost: number;
      /** Proven */
      proven: boolean;
      /**
      * Gap
      * @default null
      */
      gap: number | null;
      /**
      * Unit
      * @default null
      */
      unit: number | null;
      greedy: components["schemas"]["Greedy"];
      /** Competences */
      competences: components["schemas"]["CompetencePrice"][];
    };
    /**
    * BatchOrder
    * @description An order of a batch; `nurses` of those who could go were weighed against each other.
    */
    BatchOrder: {
      /**
      * Order Id
      * Format: uuid
      */
      order_id: string;
      /** Seats */
      seats: number;
      /** Weight */
      weight: number;
      /** Nurses */
      nurses: number;
      /** Named */
      named: components["schemas"]["Named"][];
    };
    /**
    * BatchProof
    * @description A batch with who was named. `checked` is false, and `refuted` says why, where the proof as it
    *     is kept does not hold. `cases` were distinguished.
    */
    BatchProof: {
      /**
      * Id
      * Format: uuid
      */
      id: string;
      /**
      * At
      * Format: date-time
      */
      at: string;
      /** Orders */
      orders: number;
      /** Seats */
      seats: number;
      /** Orders Served */
      orders_served: number;
      /** Seats Filled */
      seats_filled: number;
      /** Cost */
      cost: number;
      /** Proven */
      proven: boolean;
      /**
      * Gap
      * @default null
      */
      gap: number | null;
      /**
      * Unit
      * @default null
      */
      unit: number | null;
      greedy: components["schemas"]["Greedy"];
      /** Competences */
      competences: components["schemas"]["CompetencePrice"][];
      /** Orders Named */
      orders_named: components["schemas"]["BatchOrder"][];
      /** Cases */
      cases: number;
      /** Checked */
      checked: boolean;
      /**
      * Refuted
      * @default null
      */
      refuted: string | null;
    };
    /**
    * Bill
    * @description `own_fen` is the patient's part of `total_fen`: less what payers pay and what was let off.
    *     Until it is `due` all of it is an estimate, by the price that was told when ordering. `held`:
    *     there was an emergency, and nothing is charged before a person has reviewed the visit.
    */
    Bill: {
      /**
      * Id
      * Format: uuid
      */
      id: string;
      /**
      * Order Id
      * Format: uuid
      */
      order_id: string;
      state: components["schemas"]["BillState"];
      /** Version */
      version: number;
      /** Moves */
      moves: components["schemas"]["MoveView"][];
      /**
      * Mode
      * @enum {string}
      */
      mode: "prepay" | "postpay";
      /** Held */
      held: boolean;
      /**
      * Cause
      * @default null
      */
      cause: ("visit" | "cancellation" | "nothing") | null;
      /** Lines */
      lines: components["schemas"]["BillLine"][];
      /** Payers */
      payers: components["schemas"]["PayerPart"][];
      /** Total Fen */
      total_fen: number;
      /** Payers Fen */
      payers_fen: number;
      /** Credit Fen */
      credit_fen: number;
      /** Own Fen */
      own_fen: number;
      /** Paid Fen */
      paid_fen: number;
      /** Left Fen */
      left_fen: number;
      /** Refunding Fen */
      refunding_fen: number;
      /** Payments */
      payments: components["schemas"]["Payment"][];
      /** Change Orders */
      change_orders: components["schemas"]["ChangeOrder"][];
      /**
      * Tariff Id
      * @default null
      */
      tariff_id: string | null;
      /**
      * Institution Id
      * @default null
      */
      institution_id: string | null;
      /**
      * Institution Name
      * @default null
      */
      institution_name: string | null;
      /**
      * Complaint Phone
      * @default null
      */
      complaint_phone: string | null;
      /**
      * Serviced On
      * Format: date
      */
      serviced_on: string;
      /**
      * Fixed At
      * @default null
      */
      fixed_at: string | null;
      /**
      * Pay By
      * @default null
      */
      pay_by: string | null;
      /**
      * Reported At
      * @default null
      */
      reported_at: string | null;
      /**
      * Created At
      * Format: date-time
      */
      created_at: string;
      /**
      * Updated At
      * Format: date-time
      */
      updated_at: string;
    };
    /**
    * BillLine
    * @description One charge, for its whole quantity; `national_code` where the tariff knows it.
    */
    BillLine: {
      /**
      * Kind
      * @enum {string}
      */
      kind: "visit_fee" | "service" | "distance" | "travel_fee" | "night" | "holiday" | "extra" | "material" | "drug" | "cancellation";
      /** Label */
      label: string;
      /**
      * Service Code
      * @default null
      */
      service_code: string | null;
      /**
      * National Code
      * @default null
      */
      national_code: string | null;
      /** Quantity */
      quantity: number;
      /** Amount Fen */
      amount_fen: number;
    };
    /**
    * BillState
    * @description What is owed.
    * @enum {string}
    */
    BillState: "estimated" | "secured" | "due" | "overdue" | "paid" | "void";
    /**
    * Board
    * @description Of orders and visits that have ended, those of the last 24 hours are counted.
    *
    *     `alarms` tell where somebody pressed to those who take alarms up, else null. The ETag stays
    *     while nothing but `now` has changed. `shortages` are the twenty soonest that hold, `plans` the
    *     most pressing that can still be done.
    */
    Board: {
      /**
      * Now
      * Format: date-time
      */
      now: string;
      /** Orders */
      orders: {
        [key: string]: number;
      };
      /** Visits */
      visits: {
        [key: string]: number;
      };
      /** Alarms */
      alarms: components["schemas"]["Alarm"][];
      /** At Risk */
      at_risk: components["schemas"]["AtRisk"][];
      /** Shortages */
      shortages: components["schemas"]["Shortage"][];
      /** Plans */
      plans: components["schemas"]["PlannedDay"][];
      /** Nurses */
      nurses: components["schemas"]["BoardNurse"][];
    };
    /**
    * BoardNurse
    * @description One who is out, or who can be sent. `state`: that of her visit, else available.
    *
    *     The location is rounded to 100 m.
    */
    BoardNurse: {
      /**
      * Id
      * Format: uuid
      */
      id: string;
      /** State */
      state: string;
      /** Visit Id */
      visit_id: string | null;
      location: components["schemas"]["Place"];
      /**
      * Recorded At
      * Format: date-time
      */
      recorded_at: string;
    };
    /**
    * CalendarLink
    * @description For a calendar program to subscribe to; without `public_url` it lacks scheme and host.
    */
    CalendarLink: {
      /** Url */
      url: string;
    };
    /**
    * CallNumber
    * @description Calling it reaches the other side of the visit; it stands for nobody after `expires_at`.
    */
    CallNumber: {
      /**
      * Visit Id
      * Format: uuid
      */
      visit_id: string;
      /** Number */
      number: string;
      /**
      * Expires At
      * Format: date-time
      */
      expires_at: string;
    };
    /** CancelOrder */
    CancelOrder: {
      /** Reason */
      reason: string;
    };
    /**
    * CandidateView
    * @description `cost` is the sum of `parts`, in the matcher's own unit; the least is ranked first.
    *
    *     `chance` is that of her accepting, from what was learned, where somebody was asked. `nearest` is
    *     for who was not asked; null where nothing of hers would have changed it.
    */
    CandidateView: {
      /**
      * Nurse Id
      * Format: uuid
      */
      nurse_id: string;
      /** Staff No */
      staff_no: number;
      /** Name */
      name: string;
      /** Eligible */
      eligible: boolean;
      /**
      * Rank
      * @default null
      */
      rank: number | null;
      /**
      * Distance M
      * @default null
      */
      distance_m: number | null;
      /**
      * Start At
      * @default null
      */
      start_at: string | null;
      /**
      * Travel S
      * @default null
      */
      travel_s: number | null;
      /**
      * Offer Id
      * @default null
      */
      offer_id: string | null;
      /** @default null */
      offer_state: components["schemas"]["OfferState"] | null;
      /**
      * Seat
      * @default null
      */
      seat: number | null;
      /** Reasons */
      reasons: components["schemas"]["RefusalView"][];
      /**
      * Cost
      * @default null
      */
      cost: number | null;
      /**
      * Parts
      * @default null
      */
      parts: {
        [key: string]: number;
      } | null;
      /**
      * Chance
      * @default null
      */
      chance: number | null;
      /** @default null */
      nearest: components["schemas"]["Nearest"] | null;
    };
    /**
    * Candidates
    * @description Those asked first, then the eligible by rank, then the refused.
    *
    *     `counts` says how many of all `considered` fell to each rule; `decided_at` is when the matcher
    *     looked. Without `asked` nobody has been asked on these numbers (yet). `reach` is null where the
    *     preferred nurse alone is asked, or nobody can be.
    */
    Candidates: {
      /** Items */
      items: components["schemas"]["CandidateView"][];
      /**
      * Next Cursor
      * @default null
      */
      next_cursor: string | null;
      /** Round */
      round: number;
      /** Wave */
      wave: number;
      /** Asked */
      asked: boolean;
      /**
      * Decided At
      * Format: date-time
      */
      decided_at: string;
      /** Considered */
      considered: number;
      /** Eligible */
      eligible: number;
      /** Counts */
      counts: {
        [key: string]: number;
      };
      /** @default null */
      reach: components["schemas"]["ReachView"] | null;
      /** @default null */
      travel: components["schemas"]["MeasureView"] | null;
    };
    /**
    * Case
    * @description Something that a person must see to by `due_at`; `late` if nobody has.
    *
    *     While `held_services` are not empty, the nurse is sent for none of them. `words`, `steps` and
    *     `suggestions` are told of one case, not in lists; `words` are null after erasure.
    */
    Case: {
      /**
      * Id
      * Format: uuid
      */
      id: string;
      kind: components["schemas"]["CaseKind"];
      /** Topic */
      topic: string;
      /** Topic Text */
      topic_text: string;
      severity: components["schemas"]["Severity"] | null;
      /** Severity Text */
      severity_text: string | null;
      state: components["schemas"]["CaseState"];
      /** Version */
      version: number;
      /** Moves */
      moves: components["schemas"]["MoveView"][];
      /**
      * Order Id
      * Format: uuid
      */
      order_id: string;
      /** Visit Id */
      visit_id: string | null;
      /**
      * Patient Id
      * Format: uuid
      */
      patient_id: string;
      /** Nurse Id */
      nurse_id: string | null;
      /** Institution Id */
      institution_id: string | null;
      /** Level */
      level: number;
      /**
      * Due At
      * Format: date-time
      */
      due_at: string;
      /** Late */
      late: boolean;
      /** Held Services */
      held_services: string[];
      /** Outcome */
      outcome: string | null;
      /** Outcome Text */
      outcome_text: string | null;
      /**
      * Opened At
      * Format: date-time
      */
      opened_at: string;
      /** Settled At */
      settled_at: string | null;
      words: components["schemas"]["CaseWords"] | null;
      /** Steps */
      steps: components["schemas"]["CaseStep"][] | null;
      /** Suggestions */
      suggestions: components["schemas"]["Suggestion"][] | null;
    };
    /**
    * CaseAnswer
    * @description What the patient said of how she is.
    */
    CaseAnswer: {
      /**
      * At
      * Format: date-time
      */
      at: string;
      /** Signs */
      signs: string[];
      /** Sign Texts */
      sign_texts: string[];
      /** Text */
      text: string | null;
    };
    /**
    * CaseKind
    * @description What a case is about; its topics, and how it may end, go by it.
    * @enum {string}
    */
    CaseKind: "adverse_event" | "complaint" | "follow_up";
    /**
    * CaseState
    * @description Whether a person has seen to what came after a visit.
    * @enum {string}
    */
    CaseState: "waiting" | "in_hand" | "settled";
    /**
    * CaseStep
    * @description One step; `note` is what was said with it, for those whom it is for.
    */
    CaseStep: {
      /**
      * At
      * Format: date-time
      */
      at: string;
      /** Move */
      move: string;
      state: components["schemas"]["CaseState"];
      by: components["schemas"]["Role"];
      /** By Text */
      by_text: string;
      /** Text */
      text: string;
      /** Note */
      note: string | null;
    };
    /**
    * CaseWords
    * @description What was said when it was opened.
    */
    CaseWords: {
      /** Text */
      text: string | null;
      /** Harm */
      harm: string | null;
      /** Immediate Action */
      immediate_action: string | null;
      /** Notified */
      notified: string[];
      /** Occurred At */
      occurred_at: string | null;
      /** Service Code */
      service_code: string | null;
      /** Answers */
      answers: components["schemas"]["CaseAnswer"][];
      /** Hold Lifted */
      hold_lifted: string | null;
    };
    /**
    * Category
    * @enum {string}
    */
    Category: "elderly_care" | "maternal_infant" | "chronic_disease" | "rehabilitation" | "long_term_care";
    /**
    * ChangeInstitution
    * @description What it holds, and what it asks of its nurses above the national floor.
    *
    *     Null takes an own requirement back; the floor stays.
    */
    ChangeInstitution: {
      /** Approved */
      approved?: boolean;
      /** Licence No */
      licence_no?: string | null;
      /** Licence Valid Until */
      licence_valid_until?: string | null;
      /** Min Years */
      min_years?: number | null;
      /** Min Title */
      min_title?: ("hushi_shi" | "zhuguan" | "fuzhuren" | "zhuren") | null;
      /** Min Tiers */
      min_tiers?: {
        [key: string]: number;
      };
    };
    /**
    * ChangeNurse
    * @description The fields to change. Null clears what may be empty, and is refused for the rest.
    */
    ChangeNurse: {
      /**
      * Institution Id
      * Format: uuid
      */
      institution_id?: string;
      /** Name */
      name?: string;
      /**
      * Gender
      * @enum {string}
      */
      gender?: "female" | "male";
      title?: components["schemas"]["Title"];
      /** Tier */
      tier?: number;
      /**
      * First Practised On
      * Format: date
      */
      first_practised_on?: string;
      /** Specialties */
      specialties?: string[];
      /** Languages */
      languages?: string[];
      /** Registration No */
      registration_no?: string | null;
      /**
      * Certificate Valid Until
      * Format: date
      */
      certificate_valid_until?: string;
      /**
      * Insurance Valid Until
      * Format: date
      */
      insurance_valid_until?: string;
      insurances?: components["schemas"]["Insurances"];
      /** Admitted */
      admitted?: boolean;
      location?: components["schemas"]["Place"];
      /** Radius M */
      radius_m?: number;
      /** Quiet From */
      quiet_from?: string | null;
      /** Quiet Until */
      quiet_until?: string | null;
      /** Photo Url */
      photo_url?: string | null;
    };
    /**
    * ChangeOrder
    * @description A change of price on site; work goes on once it is answered.
    */
    ChangeOrder: {
      /**
      * Id
      * Format: uuid
      */
      id: string;
      /**
      * Order Id
      * Format: uuid
      */
      order_id: string;
      /**
      * Visit Id
      * Format: uuid
      */
      visit_id: string;
      /**
      * State
      * @enum {string}
      */
      state: "proposed" | "accepted" | "refused" | "withdrawn";
      /** Version */
      version: number;
      /** Moves */
      moves: components["schemas"]["MoveView"][];
      /** Lines */
      lines: components["schemas"]["BillLine"][];
      /** Amount Fen */
      amount_fen: number;
      /**
      * Created At
      * Format: date-time
      */
      created_at: string;
      /**
      * Answered At
      * @default null
      */
      answered_at: string | null;
    };
    /** ChangeOrders */
    ChangeOrders: {
      /** Items */
      items: components["schemas"]["PriceItem"][];
      /** Change Orders */
      change_orders: components["schemas"]["ChangeOrder"][];
    };
    /**
    * ChangePatient
    * @description The fields to change. Null clears what may be empty, and is refused for the rest.
    */
    ChangePatient: {
      /** Name */
      name?: string;
      /** Id Number */
      id_number?: string | null;
      /** Phone */
      phone?: string | null;
      /**
      * Gender
      * @enum {string}
      */
      gender?: "female" | "male";
      /**
      * Birth Date
      * Format: date
      */
      birth_date?: string;
      /**
      * Relation
      * @enum {string}
      */
      relation?: "self" | "parent" | "child" | "spouse" | "other";
      /** Conditions */
      conditions?: string[];
      /** Allergies */
      allergies?: string[];
      emergency_contact?: components["schemas"]["EmergencyContact"] | null;
    };
    /**
    * ChangeProfile
    * @description The fields that are hers to decide. Null ends quiet hours and removes the picture.
    */
    ChangeProfile: {
      /** Radius M */
      radius_m?: number;
      /** Languages */
      languages?: string[];
      /** Quiet From */
      quiet_from?: string | null;
      /** Quiet Until */
      quiet_until?: string | null;
      /** Photo Url */
      photo_url?: string | null;
    };
    /**
    * ChangeView
    * @description What would have had to be otherwise, and by how much or to what.
    */
    ChangeView: {
      /** Kind */
      kind: string;
      /**
      * Value
      * @default null
      */
      value: boolean | number | string | string[] | null;
    };
    /**
    * Channel
    * @description How an order came to the hospital; `app` are those that patients place themselves.
    * @enum {string}
    */
    Channel: "phone" | "desk" | "referral";
    /**
    * CheckIn
    * @description She is well. `code` is needed once she has set her codes.
    */
    CheckIn: {
      /**
      * At
      * Format: date-time
      */
      at: string;
      /** @default null */
      location?: components["schemas"]["Place"] | null;
      /**
      * Accuracy M
      * @default null
      */
      accuracy_m?: number | null;
      /**
      * Mock Location
      * @default false
      */
      mock_location?: boolean;
      /**
      * Device Id
      * @default null
      */
      device_id?: string | null;
      /**
      * Code
      * @default null
      */
      code?: string | null;
    };
    /**
    * ChecklistItem
    * @description A precondition, and who says that it is met: the system, who ordered, or nobody yet.
    */
    ChecklistItem: {
      /** Name */
      name: string;
      /** Text */
      text: string;
      state: components["schemas"]["State"];
      source: components["schemas"]["Source"];
    };
    /**
    * Clearance
    * @description A service that needs no new assessment until then, under these conditions.
    */
    Clearance: {
      /** Service Code */
      service_code: string;
      /**
      * Assessment Id
      * Format: uuid
      */
      assessment_id: string;
      /** Conditions */
      conditions: string[];
      /** Conditions Text */
      conditions_text: string[];
      /**
      * Valid Until
      * Format: date-time
      */
      valid_until: string;
    };
    /**
    * Clearances
    * @description What needs no new assessment now; a change of the patient's condition empties it.
    */
    Clearances: {
      /** Items */
      items: components["schemas"]["Clearance"][];
    };
    /**
    * Closing
    * @description Why an order ended without its visit.
    *
    *     `reason`: `rejected`, `cancelled`, `not_assessed`, `nobody_found`, `nobody_home` or
    *     `visit_failed`. `by` is who rejected or cancelled it, `note` what was said with that. `asked`
    *     nurses got an offer; `reasons` say which rules the others fell to; `next_window` is the same
    *     time on the next day.
    */
    Closing: {
      /** Reason */
      reason: string;
      /** Text */
      text: string;
      /** @default null */
      by: components["schemas"]["Role"] | null;
      /**
      * Note
      * @default null
      */
      note: string | null;
      /**
      * Asked
      * @default 0
      */
      asked: number;
      /**
      * Declined
      * @default 0
      */
      declined: number;
      /**
      * Expired
      * @default 0
      */
      expired: number;
      /**
      * Reasons
      * @default []
      */
      reasons: components["schemas"]["Reason"][];
      /**
      * Alternatives
      * @default []
      */
      alternatives: components["schemas"]["WayOut"][];
      /** @default null */
      next_window: components["schemas"]["WindowView"] | null;
    };
    /** CodesSet */
    CodesSet: {
      /**
      * Set At
      * Format: date-time
      */
      set_at: string;
    };
    /**
    * CommittedChange
    * @description `visit_id` is another than `was_visit_id` where another nurse comes.
    */
    CommittedChange: {
      /**
      * Was Visit Id
      * Format: uuid
      */
      was_visit_id: string;
      /**
      * Visit Id
      * Format: uuid
      */
      visit_id: string;
      /** Version */
      version: number;
      /**
      * Order Id
      * Format: uuid
      */
      order_id: string;
      /** Seat */
      seat: number;
      /**
      * Nurse Id
      * Format: uuid
      */
      nurse_id: string;
      /**
      * Planned Start
      * Format: date-time
      */
      planned_start: string;
      /**
      * Planned End
      * Format: date-time
      */
      planned_end: string;
    };
    /**
    * CommittedPlan
    * @description In the order of what was asked for.
    */
    CommittedPlan: {
      /** Changes */
      changes: components["schemas"]["CommittedChange"][];
    };
    /**
    * CompetencePrice
    * @description What another hour of somebody who has it would have been worth, at most; `price` is null
    *     where nobody has it.
    */
    CompetencePrice: {
      /** Specialty */
      specialty: string;
      /** Name */
      name: string;
      /**
      * Price
      * @default null
      */
      price: number | null;
      /** Text */
      text: string;
    };
    /** Complain */
    Complain: {
      /**
      * Kind
      * @enum {string}
      */
      kind: "attitude" | "late" | "other" | "overcharge" | "privacy" | "technique";
      /** Text */
      text: string;
    };
    /**
    * Complete
    * @description `early_reason`: why she leaves sooner than her services ask. Without all that they ask to be
    *     recorded it is refused (422), each field by `loc`: kind of record, name, and when it is due.
    */
    Complete: {
      location: components["schemas"]["Place"];
      /**
      * At
      * Format: date-time
      */
      at: string;
      /**
      * Accuracy M
      * @default null
      */
      accuracy_m?: number | null;
      /**
      * Mock Location
      * @default false
      */
      mock_location?: boolean;
      /**
      * Device Id
      * @default null
      */
      device_id?: string | null;
      /** Summary */
      summary: string;
      /**
      * Early Reason
      * @default null
      */
      early_reason?: string | null;
      /** @default null */
      signature?: components["schemas"]["Signature"] | null;
    };
    /**
    * Condition
    * @description What a visit must keep to: by its assessment, or by a confirmed flag on patient or address.
    *
    *     `FAMILY_PRESENT` is told to people and seen to at the door; the others are rules of the matcher.
    * @enum {string}
    */
    Condition: "two_nurses" | "same_gender" | "daytime_only" | "family_present" | "higher_tier" | "specialist" | "escort" | "no_visits";
    /**
    * ConfirmFace
    * @description How the supervisor knows that it is she.
    */
    ConfirmFace: {
      /** Note */
      note: string;
    };
    /**
    * ConfirmFlag
    * @description `conditions`, where given, take the place of those proposed.
    */
    ConfirmFlag: {
      /** Reason */
      reason: string;
      /**
      * Conditions
      * @default []
      */
      conditions?: components["schemas"]["Condition"][];
      /**
      * Valid Days
      * @default null
      */
      valid_days?: number | null;
    };
    /** ConfirmOrder */
    ConfirmOrder: {
      /**
      * Signature Svg
      * @default null
      */
      signature_svg?: string | null;
      /** Signed By */
      signed_by: string;
    };
    /**
    * ConfirmRegistration
    * @description What the supervisor has seen, and where.
    */
    ConfirmRegistration: {
      /** Note */
      note: string;
    };
    /**
    * Confirmation
    * @description `asked_at`: when the patient was asked whether she is ready; `answer` null: not yet.
    */
    Confirmation: {
      /**
      * Visit Id
      * Format: uuid
      */
      visit_id: string;
      /**
      * Asked At
      * Format: date-time
      */
      asked_at: string;
      /** Answer */
      answer: ("yes" | "later" | "no") | null;
      /** Text */
      text: string | null;
      /** Answered At */
      answered_at: string | null;
    };
    /**
    * ConfirmationMark
    * @description The same as the nurse sees it with her visit; what was said is told there alone.
    */
    ConfirmationMark: {
      /**
      * Asked At
      * Format: date-time
      */
      asked_at: string;
      /** Answer */
      answer: ("yes" | "later" | "no") | null;
      /** Answered At */
      answered_at: string | null;
    };
    /**
    * Consent
    * @description The consent that was given; `signer` and `relation` where it was not the patient, `authority`
    *     by what right. Words of `/v1/vocabulary`, or others. A child's guardian consents for it.
    */
    Consent: {
      /** Version */
      version: string;
      /**
      * Accepted At
      * Format: date-time
      */
      accepted_at: string;
      /**
      * Signer
      * @default null
      */
      signer?: string | null;
      /**
      * Relation
      * @default null
      */
      relation?: string | null;
      /**
      * Authority
      * @default null
      */
      authority?: string | null;
      /**
      * Channel
      * @default null
      */
      channel?: string | null;
      /**
      * Purposes
      * @default []
      */
      purposes?: string[];
    };
    /**
    * ConsentBy
    * @description Who agreed to be recorded.
    * @enum {string}
    */
    ConsentBy: "patient" | "relative" | "guardian";
    /**
    * ConsentText
    * @description A text in the reader's language; `hash` is its SHA-256 in hexadecimal.
    */
    ConsentText: {
      /** Service Code */
      service_code: string;
      /** Version */
      version: string;
      /** Text */
      text: string;
      /** Hash */
      hash: string;
    };
    /** ConsentView */
    ConsentView: {
      /** Version */
      version: string;
      /**
      * Accepted At
      * Format: date-time
      */
      accepted_at: string;
      /** Language */
      language: string;
      /**
      * Signer
      * @default null
      */
      signer: string | null;
      /**
      * Relation
      * @default null
      */
      relation: string | null;
      /**
      * Authority
      * @default null
      */
      authority: string | null;
      /**
      * Channel
      * @default null
      */
      channel: string | null;
      /** Purposes */
      purposes: string[];
      /** Hashes */
      hashes: {
        [key: string]: string;
      };
    };
    /** Contact */
    Contact: {
      /** Name */
      name: string;
      /** Phone */
      phone: string;
    };
    /**
    * CorrectFact
    * @description When, and if given where, a step was really taken; `reason` says how that is known.
    */
    CorrectFact: {
      /**
      * At
      * Format: date-time
      */
      at: string;
      /** @default null */
      location?: components["schemas"]["Place"] | null;
      /** Reason */
      reason: string;
    };
    /**
    * CoverPatient
    * @description `plan` is one of config/payers.toml; `reference` the payer's number of the coverage.
    */
    CoverPatient: {
      /** Plan */
      plan: string;
      /**
      * Valid From
      * Format: date
      */
      valid_from: string;
      /**
      * Valid Until
      * @default null
      */
      valid_until?: string | null;
      /**
      * Daily Fen
      * @default null
      */
      daily_fen?: number | null;
      /**
      * Reference
      * @default null
      */
      reference?: string | null;
    };
    /** Coverage */
    Coverage: {
      /**
      * Id
      * Format: uuid
      */
      id: string;
      /**
      * Patient Id
      * Format: uuid
      */
      patient_id: string;
      /** Plan */
      plan: string;
      /** Payer */
      payer: string;
      /** Label */
      label: string;
      /**
      * Valid From
      * Format: date
      */
      valid_from: string;
      /**
      * Valid Until
      * @default null
      */
      valid_until: string | null;
      /**
      * Daily Fen
      * @default null
      */
      daily_fen: number | null;
      /**
      * Created At
      * Format: date-time
      */
      created_at: string;
    };
    /** CreateAddress */
    CreateAddress: {
      /** Label */
      label: string;
      /** Text */
      text: string;
      location: components["schemas"]["Place"];
      /**
      * Access Notes
      * @default null
      */
      access_notes?: string | null;
      /**
      * Floor
      * @default null
      */
      floor?: number | null;
      /**
      * Has Lift
      * @default null
      */
      has_lift?: boolean | null;
    };
    /** CreatePatient */
    CreatePatient: {
      /** Name */
      name: string;
      /**
      * Id Number
      * @default null
      */
      id_number?: string | null;
      /**
      * Phone
      * @default null
      */
      phone?: string | null;
      /**
      * Gender
      * @enum {string}
      */
      gender: "female" | "male";
      /**
      * Birth Date
      * Format: date
      */
      birth_date: string;
      /**
      * Relation
      * @enum {string}
      */
      relation: "self" | "parent" | "child" | "spouse" | "other";
      /**
      * Conditions
      * @default []
      */
      conditions?: string[];
      /**
      * Allergies
      * @default []
      */
      allergies?: string[];
      /** @default null */
      emergency_contact?: components["schemas"]["EmergencyContact"] | null;
    };
    /** CreditBill */
    CreditBill: {
      /** Amount Fen */
      amount_fen: number;
      /** Reason */
      reason: string;
    };
    /**
    * Crs
    * @description Which datum a latitude and longitude belong to.
    * @enum {string}
    */
    Crs: "wgs84" | "gcj02";
    /**
    * DangerKind
    * @enum {string}
    */
    DangerKind: "violence" | "threat" | "harassment" | "weapon" | "animal" | "unsafe_place" | "other";
    /**
    * DayEvent
    * @description `kind`: shift_start, shift_end, duty_start, duty_end, planned, depart, arrive, start, end.
    */
    DayEvent: {
      /**
      * At
      * Format: date-time
      */
      at: string;
      /** Kind */
      kind: string;
      /** Text */
      text: string;
      /**
      * Visit Id
      * @default null
      */
      visit_id: string | null;
    };
    /**
    * DecidePayer
    * @description What the payer pays; 0 is a rejection, of which `reason` is a code.
    */
    DecidePayer: {
      /** Amount Fen */
      amount_fen: number;
      /**
      * Reason
      * @default null
      */
      reason?: string | null;
      /**
      * Reference
      * @default null
      */
      reference?: string | null;
    };
    /**
    * Decision
    * @description What an assessor can decide.
    * @enum {string}
    */
    Decision: "approve" | "reject" | "need_info";
    /**
    * DeclareEmergency
    * @description What has been done by now; it is sent again with what is done next.
    */
    DeclareEmergency: {
      /**
      * At
      * Format: date-time
      */
      at: string;
      /** @default null */
      location?: components["schemas"]["Place"] | null;
      /**
      * Accuracy M
      * @default null
      */
      accuracy_m?: number | null;
      /**
      * First Aid
      * @default false
      */
      first_aid?: boolean;
      /**
      * Ambulance Called
      * @default false
      */
      ambulance_called?: boolean;
      /**
      * Doctor Informed
      * @default false
      */
      doctor_informed?: boolean;
      /**
      * Words
      * @default null
      */
      words?: string | null;
    };
    /**
    * DeclareTariff
    * @description `rules` as the tariffs that are listed have them; without an institution the platform's.
    */
    DeclareTariff: {
      /**
      * Institution Id
      * @default null
      */
      institution_id?: string | null;
      /**
      * Valid From
      * @default null
      */
      valid_from?: string | null;
      /** Rules */
      rules: {
        [key: string]: unknown;
      };
    };
    /** DeclaredTariff */
    DeclaredTariff: {
      /**
      * Id
      * Format: uuid
      */
      id: string;
      /**
      * Institution Id
      * @default null
      */
      institution_id: string | null;
      /**
      * Valid From
      * Format: date-time
      */
      valid_from: string;
      /** Rules */
      rules: {
        [key: string]: unknown;
      };
      /**
      * Created At
      * Format: date-time
      */
      created_at: string;
    };
    /** DeclineOffer */
    DeclineOffer: {
      reason: components["schemas"]["DeclineReason"];
      /**
      * Note
      * @default null
      */
      note?: string | null;
    };
    /**
    * DeclineReason
    * @enum {string}
    */
    DeclineReason: "too_far" | "busy" | "skill" | "safety" | "other";
    /** Depart */
    Depart: {
      location: components["schemas"]["Place"];
      /**
      * At
      * Format: date-time
      */
      at: string;
      /**
      * Accuracy M
      * @default null
      */
      accuracy_m?: number | null;
      /**
      * Mock Location
      * @default false
      */
      mock_location?: boolean;
      /**
      * Device Id
      * @default null
      */
      device_id?: string | null;
    };
    /**
    * Difference
    * @description An event on which the provider and we do not agree. `lost_callback` is booked already.
    */
    Difference: {
      /**
      * Id
      * Format: uuid
      */
      id: string;
      /** Provider */
      provider: string;
      /**
      * Day
      * Format: date
      */
      day: string;
      /**
      * Kind
      * @enum {string}
      */
      kind: "lost_callback" | "unknown_to_us" | "unknown_to_them" | "amount";
      /** Event Id */
      event_id: string;
      /**
      * Payment Id
      * @default null
      */
      payment_id: string | null;
      /**
      * Ours Fen
      * @default null
      */
      ours_fen: number | null;
      /**
      * Theirs Fen
      * @default null
      */
      theirs_fen: number | null;
      /**
      * Created At
      * @default null
      */
      created_at: string | null;
      /**
      * Resolved At
      * @default null
      */
      resolved_at: string | null;
    };
    /**
    * DispatchLine
    * @description Orders placed in an hour of the day (`00`-`23`), on a day, or for a service, by `key`.
    *
    *     The waits are from approval to assignment: half of the orders, and nine of ten, waited no
    *     longer; null where none was assigned. `nobody`: approved, and no nurse was found. Visits by day
    *     only.
    */
    DispatchLine: {
      /**
      * By
      * @enum {string}
      */
      by: "day" | "hour" | "service";
      /** Key */
      key: string;
      /** Placed */
      placed: number;
      /** Assigned */
      assigned: number;
      /** Nobody */
      nobody: number;
      /** Wait P50 S */
      wait_p50_s: number | null;
      /** Wait P90 S */
      wait_p90_s: number | null;
      /** Visits */
      visits: number;
      /** On Time */
      on_time: number;
    };
    /**
    * DispatchReport
    * @description Lines by day, hour and service, in this order.
    */
    DispatchReport: {
      /** Items */
      items: components["schemas"]["DispatchLine"][];
    };
    /** DisputeCase */
    DisputeCase: {
      /** Text */
      text: string;
    };
    /**
    * Document
    * @description What the patient's side shows to the assessor: pictures or PDF; hashes as of attachments.
    */
    Document: {
      /**
      * Id
      * Format: uuid
      */
      id: string;
      /**
      * Order Id
      * Format: uuid
      */
      order_id: string;
      kind: components["schemas"]["DocumentKind"];
      /** Media Type */
      media_type: string;
      /** Size Bytes */
      size_bytes: number;
      /** Sha256 */
      sha256: string;
      /** Received Sha256 */
      received_sha256: string;
      /**
      * Received At
      * Format: date-time
      */
      received_at: string;
      /**
      * Author Id
      * Format: uuid
      */
      author_id: string;
    };
    /**
    * DocumentKind
    * @enum {string}
    */
    DocumentKind: "identity" | "medical_record" | "contract";
    /**
    * Documents
    * @description All of an order, newest first.
    */
    Documents: {
      /** Items */
      items: components["schemas"]["Document"][];
    };
    /**
    * Door
    * @description While she stands there: how long she waits, and what she has tried.
    */
    Door: {
      /**
      * Wait Until
      * Format: date-time
      */
      wait_until: string;
      /** Attempts */
      attempts: components["schemas"]["DoorAttempt"][];
    };
    /** DoorAttempt */
    DoorAttempt: {
      /**
      * At
      * Format: date-time
      */
      at: string;
      /** Kind */
      kind: string;
    };
    /**
    * DoorCheck
    * @description What she finds before she touches anybody. `checks` says of preconditions whether they are
    *     met, `found` names what of the negative list (`/v1/vocabulary`) she meets. What forbids the
    *     service is 422; she then breaks off as `clinical`.
    */
    DoorCheck: {
      /**
      * Outcome
      * @default proceed
      * @enum {string}
      */
      outcome?: "proceed" | "modify";
      /** Checks */
      checks?: {
        [key: string]: boolean;
      };
      /**
      * Found
      * @default []
      */
      found?: string[];
      /**
      * Family Present
      * @default null
      */
      family_present?: boolean | null;
      /**
      * Note
      * @default null
      */
      note?: string | null;
    };
    /** EmergencyContact */
    EmergencyContact: {
      /** Name */
      name: string;
      /** Phone */
      phone: string;
    };
    /** EmergencyContactView */
    EmergencyContactView: {
      /** Name */
      name: string;
      /** Phone */
      phone: string;
    };
    /**
    * EmergencyReport
    * @description `said` and the reason of its release are for staff.
    */
    EmergencyReport: {
      /**
      * Id
      * Format: uuid
      */
      id: string;
      /**
      * Visit Id
      * Format: uuid
      */
      visit_id: string;
      /**
      * Order Id
      * Format: uuid
      */
      order_id: string;
      /**
      * Declared At
      * Format: date-time
      */
      declared_at: string;
      /** First Aid At */
      first_aid_at: string | null;
      /** Ambulance At */
      ambulance_at: string | null;
      /** Doctor At */
      doctor_at: string | null;
      /** Said */
      said: components["schemas"]["Said"][];
      /** Released At */
      released_at: string | null;
      /** Released By */
      released_by: string | null;
      /** Version */
      version: number;
    };
    /**
    * Empty
    * @description The body of a call that needs none: nothing, or `{}`.
    */
    Empty: Record<string, unknown>;
    /** EndCoverage */
    EndCoverage: {
      /**
      * Valid Until
      * Format: date
      */
      valid_until: string;
    };
    /** EndForHer */
    EndForHer: {
      /** Reason */
      reason: string;
      /**
      * At
      * @default null
      */
      at?: string | null;
    };
    /**
    * EntryView
    * @description One line of the log. `seq` is its place in the sealed chain, null for a second or so.
    */
    EntryView: {
      /** Id */
      id: number;
      /** Seq */
      seq: number | null;
      /**
      * At
      * Format: date-time
      */
      at: string;
      /**
      * Recorded At
      * Format: date-time
      */
      recorded_at: string;
      /** Actor Id */
      actor_id: string | null;
      actor_role: components["schemas"]["Role"];
      /** Action */
      action: string;
      /** Subject Kind */
      subject_kind: string;
      /** Subject Id */
      subject_id: string | null;
      /** Person Id */
      person_id: string | null;
      /** Purpose */
      purpose: string | null;
      /** Request Id */
      request_id: string;
      /** Detail */
      detail: {
        [key: string]: unknown;
      };
    };
    /**
    * ExcuseWaste
    * @description `note` says more of the reason.
    */
    ExcuseWaste: {
      /**
      * Reason
      * @enum {string}
      */
      reason: "emergency_service" | "handed_in_nearby" | "nothing_used" | "other";
      /**
      * Note
      * @default null
      */
      note?: string | null;
    };
    /**
    * FaceChecked
    * @description `asked` until there is an answer, within seconds; `unavailable`: a supervisor may confirm.
    */
    FaceChecked: {
      /**
      * Id
      * Format: uuid
      */
      id: string;
      /**
      * Nurse Id
      * Format: uuid
      */
      nurse_id: string;
      result: components["schemas"]["FaceResult"];
      /**
      * Created At
      * Format: date-time
      */
      created_at: string;
      /** Answered At */
      answered_at: string | null;
      /** Valid Until */
      valid_until: string | null;
    };
    /**
    * FaceResult
    * @enum {string}
    */
    FaceResult: "asked" | "matched" | "not_matched" | "unavailable" | "confirmed";
    /**
    * Fact
    * @description A step as the phone reported it; `taken`: whether the lifecycle allowed it.
    *
    *     `reason` is what the nurse gave for ending the visit, or for arriving far from the door;
    *     `distance_m` how far. Null after erasure. One that is named by another's `supersedes` no longer
    *     counts.
    */
    Fact: {
      /**
      * Id
      * Format: uuid
      */
      id: string;
      /** Supersedes */
      supersedes: string | null;
      /** Step */
      step: string;
      /**
      * At
      * Format: date-time
      */
      at: string;
      /**
      * Received At
      * Format: date-time
      */
      received_at: string;
      /** Taken */
      taken: boolean;
      /** Reason */
      reason: string | null;
      /** Distance M */
      distance_m: number | null;
    };
    /**
    * FairnessView
    * @description Gini's coefficient over all who could work, 0 (all the same) to 1; null without any visit.
    */
    FairnessView: {
      /** Nurses */
      nurses: number;
      /** Visits Gini */
      visits_gini: number | null;
      /** Income Gini */
      income_gini: number | null;
    };
    /**
    * FaultKind
    * @description What can be wrong with the log.
    * @enum {string}
    */
    FaultKind: "changed" | "missing_row" | "missing_link" | "broken_link" | "truncated" | "rebuilt" | "unsealed" | "backdated" | "forged_checkpoint" | "missing_checkpoint";
    /**
    * FaultView
    * @description One thing that does not fit: what, and where in the chain or the log.
    */
    FaultView: {
      kind: components["schemas"]["FaultKind"];
      /** Seq */
      seq: number | null;
      /** Audit Id */
      audit_id: number | null;
    };
    /**
    * FieldError
    * @description What is wrong with one field.
    */
    FieldError: {
      /** Loc */
      loc: (string | number)[];
      /** Msg */
      msg: string;
    };
    /**
    * FieldType
    * @description Of what kind a value is; of a `photo` it is the id of an attachment, ours or the phone's.
    * @enum {string}
    */
    FieldType: "integer" | "number" | "text" | "boolean" | "date" | "choice" | "photo";
    /**
    * Flag
    * @description `words`, `evidence` and who decided are for staff and for who proposed it; `appeal` also for
    *     the patient's account.
    */
    Flag: {
      /**
      * Id
      * Format: uuid
      */
      id: string;
      state: components["schemas"]["FlagState"];
      /** Version */
      version: number;
      /** Moves */
      moves: components["schemas"]["MoveView"][];
      /**
      * Patient Id
      * Format: uuid
      */
      patient_id: string;
      /** Address Id */
      address_id: string | null;
      /** Visit Id */
      visit_id: string | null;
      kind: components["schemas"]["DangerKind"];
      /** Kind Text */
      kind_text: string;
      /** Conditions */
      conditions: components["schemas"]["Condition"][];
      /** Words */
      words: string | null;
      /** Evidence */
      evidence: string[];
      /** Appeal */
      appeal: string | null;
      /** Proposed By */
      proposed_by: string | null;
      /** Decided By */
      decided_by: string | null;
      /** Due At */
      due_at: string | null;
      /** Valid Until */
      valid_until: string | null;
      /**
      * Created At
      * Format: date-time
      */
      created_at: string;
    };
    /**
    * FlagPatient
    * @description Without `address_id` it is of the patient, wherever.
    */
    FlagPatient: {
      kind: components["schemas"]["DangerKind"];
      /** Conditions */
      conditions: components["schemas"]["Condition"][];
      /** Words */
      words: string;
      /**
      * Address Id
      * @default null
      */
      address_id?: string | null;
    };
    /**
    * FlagState
    * @description Whether a danger at a patient or an address binds whoever is sent.
    * @enum {string}
    */
    FlagState: "proposed" | "confirmed" | "appealed" | "rejected" | "expired";
    /**
    * FlagVisit
    * @description `evidence`: ids or client_ids of attachments of this visit. `of_address`: the place is
    *     dangerous, not the patient.
    */
    FlagVisit: {
      kind: components["schemas"]["DangerKind"];
      /** Conditions */
      conditions: components["schemas"]["Condition"][];
      /** Words */
      words: string;
      /**
      * Evidence
      * @default []
      */
      evidence?: string[];
      /**
      * Of Address
      * @default false
      */
      of_address?: boolean;
    };
    /**
    * Gender
    * @enum {string}
    */
    Gender: "female" | "male";
    /**
    * GiveConsent
    * @description `relation`: what the signer is to the patient; left out, who keeps the profile has signed.
    */
    GiveConsent: {
      /** Purpose */
      purpose: string;
      /** Version */
      version: string;
      /**
      * Accepted At
      * Format: date-time
      */
      accepted_at: string;
      /**
      * Signer
      * @default null
      */
      signer?: string | null;
      /**
      * Relation
      * @default null
      */
      relation?: string | null;
      /**
      * Authority
      * @default null
      */
      authority?: string | null;
      /**
      * Channel
      * @default null
      */
      channel?: string | null;
    };
    /**
    * Going
    * @description `distance_m` is straight.
    */
    Going: {
      /**
      * Start At
      * Format: date-time
      */
      start_at: string;
      /**
      * End At
      * Format: date-time
      */
      end_at: string;
      /** Travel S */
      travel_s: number;
      /** Distance M */
      distance_m: number;
    };
    /**
    * Greedy
    * @description What the orders would have come to, had each in turn taken those who cost it least.
    */
    Greedy: {
      /** Orders Served */
      orders_served: number;
      /** Cost */
      cost: number;
    };
    /**
    * Health
    * @description The process answers.
    */
    Health: {
      /**
      * Status
      * @constant
      */
      status: "up";
    };
    /**
    * Heard
    * @description On how many visits she is out.
    */
    Heard: {
      /** Visits */
      visits: number;
    };
    /** Imported */
    Imported: {
      /** Imported */
      imported: number;
    };
    /**
    * InstitutionView
    * @description An institution and what it offers, as anybody sees it.
    */
    InstitutionView: {
      /**
      * Id
      * Format: uuid
      */
      id: string;
      /** Code */
      code: string;
      /** Name */
      name: string;
      /** County */
      county: string;
      /** Counties */
      counties: string[];
      /** Services */
      services: string[];
      /** Phone */
      phone: string | null;
      location: components["schemas"]["Place"];
    };
    /** Insurance */
    Insurance: {
      /**
      * Valid Until
      * Format: date
      */
      valid_until: string;
      /**
      * Policy No
      * @default null
      */
      policy_no?: string | null;
    };
    /** InsuranceView */
    InsuranceView: {
      /**
      * Valid Until
      * Format: date
      */
      valid_until: string;
      /** Policy No */
      policy_no: string | null;
    };
    /**
    * Insurances
    * @description The three that must be in force on the day of a visit.
    */
    Insurances: {
      /** @default null */
      liability?: components["schemas"]["Insurance"] | null;
      /** @default null */
      medical_accident?: components["schemas"]["Insurance"] | null;
      /** @default null */
      personal_accident?: components["schemas"]["Insurance"] | null;
    };
    /** InsurancesView */
    InsurancesView: {
      liability: components["schemas"]["InsuranceView"];
      medical_accident: components["schemas"]["InsuranceView"];
      personal_accident: components["schemas"]["InsuranceView"];
    };
    JsonValue: unknown;
    /**
    * KeepRecord
    * @description `data` is at most 16 KiB of JSON; that of `vitals` has the fields of Vitals.
    */
    KeepRecord: {
      kind: components["schemas"]["RecordKind"];
      /** Data */
      data: {
        [key: string]: components["schemas"]["JsonValue"];
      };
      /**
      * Recorded At
      * Format: date-time
      */
      recorded_at: string;
      /**
      * Client Id
      * Format: uuid
      */
      client_id: string;
    };
    /**
    * Lane
    * @description A nurse's day in short; what is given back or cancelled is left out.
    */
    Lane: {
      /**
      * Nurse Id
      * Format: uuid
      */
      nurse_id: string;
      /** Staff No */
      staff_no: number;
      /** Name */
      name: string;
      /** Shifts */
      shifts: components["schemas"]["Span"][];
      /** Duties */
      duties: components["schemas"]["Span"][];
      /** Visits */
      visits: components["schemas"]["LaneVisit"][];
    };
    /**
    * LaneVisit
    * @description A visit in the day of its nurse; from `leaves_at` on she is on her way to it.
    */
    LaneVisit: {
      /**
      * Visit Id
      * Format: uuid
      */
      visit_id: string;
      /**
      * Order Id
      * Format: uuid
      */
      order_id: string;
      /** Seat */
      seat: number;
      state: components["schemas"]["VisitState"];
      /** Version */
      version: number;
      /** Moves */
      moves: components["schemas"]["MoveView"][];
      /** Service Codes */
      service_codes: string[];
      /** County */
      county: string;
      urgency: components["schemas"]["Urgency"];
      window: components["schemas"]["WindowView"];
      /**
      * Leaves At
      * Format: date-time
      */
      leaves_at: string;
      /**
      * Planned Start
      * Format: date-time
      */
      planned_start: string;
      /**
      * Planned End
      * Format: date-time
      */
      planned_end: string;
    };
    /**
    * LedgerEntry
    * @description One line: agreed to or withdrawn, by whom as what, on which text.
    */
    LedgerEntry: {
      /**
      * Id
      * Format: uuid
      */
      id: string;
      /**
      * Act
      * @enum {string}
      */
      act: "given" | "withdrawn";
      /** Purpose */
      purpose: string;
      /** Name */
      name: string;
      /**
      * Version
      * @default null
      */
      version: string | null;
      /**
      * Language
      * @default null
      */
      language: string | null;
      /**
      * Hash
      * @default null
      */
      hash: string | null;
      /**
      * Signer
      * @default null
      */
      signer: string | null;
      /** Relation */
      relation: string;
      /** Relation Text */
      relation_text: string;
      /**
      * Authority
      * @default null
      */
      authority: string | null;
      /**
      * Channel
      * @default null
      */
      channel: string | null;
      /**
      * Reason
      * @default null
      */
      reason: string | null;
      /**
      * Accepted At
      * Format: date-time
      */
      accepted_at: string;
      /**
      * Recorded At
      * Format: date-time
      */
      recorded_at: string;
    };
    /**
    * LedgerTotal
    * @description What was booked on an account in the time; over all accounts the two sides are equal.
    */
    LedgerTotal: {
      /** Account */
      account: string;
      /** Debit Fen */
      debit_fen: number;
      /** Credit Fen */
      credit_fen: number;
    };
    /** LiftHold */
    LiftHold: {
      /** Reason */
      reason: string;
    };
    /**
    * MarkView
    * @description A check-in or check-out as the phone said it, and when it came in.
    *
    *     `distance_m` is that to the patient's door; `corrected`: it takes the place of an earlier one.
    */
    MarkView: {
      /**
      * At
      * Format: date-time
      */
      at: string;
      /**
      * Received At
      * Format: date-time
      */
      received_at: string;
      location: components["schemas"]["Place"] | null;
      /** Accuracy M */
      accuracy_m: number | null;
      /** Distance M */
      distance_m: number | null;
      /** Device Id */
      device_id: string | null;
      /** Reason */
      reason: string | null;
      /** Corrected */
      corrected: boolean;
    };
    /** Me */
    Me: {
      /**
      * Account Id
      * Format: uuid
      */
      account_id: string;
      role: components["schemas"]["Role"];
      /** Permissions */
      permissions: string[];
      /** Phone Masked */
      phone_masked: string;
      /** Nurse Id */
      nurse_id: string | null;
      /** Institution Id */
      institution_id: string | null;
      /** Alarm Url */
      alarm_url: string;
    };
    /**
    * MeasureView
    * @description By what the ways of one decision were measured: `osrm`, the road engine, or `straight` lines.
    *
    *     `instead_of` names an engine that failed, and `why`. A road engine's oldest way was told
    *     `oldest_s` before, from a map of the time `data`; straight lines go at a pace `learned_at` a
    *     time from so many finished ways, or as it is set.
    */
    MeasureView: {
      /** Engine */
      engine: string;
      /**
      * Instead Of
      * @default null
      */
      instead_of: string | null;
      /**
      * Why
      * @default null
      */
      why: string | null;
      /**
      * Data
      * @default null
      */
      data: string | null;
      /**
      * Oldest S
      * @default null
      */
      oldest_s: number | null;
      /**
      * Learned At
      * @default null
      */
      learned_at: string | null;
      /**
      * Learned From
      * @default null
      */
      learned_from: number | null;
    };
    /**
    * Message
    * @description `mine`: whether the caller wrote it. `text` is null after erasure.
    */
    Message: {
      /**
      * Id
      * Format: uuid
      */
      id: string;
      /**
      * Visit Id
      * Format: uuid
      */
      visit_id: string;
      /**
      * Client Id
      * Format: uuid
      */
      client_id: string;
      by: components["schemas"]["Role"];
      /** Mine */
      mine: boolean;
      /** Text */
      text: string | null;
      /**
      * Sent At
      * Format: date-time
      */
      sent_at: string;
    };
    /**
    * Models
    * @description Null is what was not learned yet: too little to learn from, or switched off.
    */
    Models: {
      /** @default null */
      acceptance: components["schemas"]["AcceptanceModel"] | null;
      /** @default null */
      pace: components["schemas"]["PaceModel"] | null;
    };
    /**
    * MonthView
    * @description What a nurse has done in a month: completed visits, and offers by the time of sending.
    *
    *     `minutes` are those in homes, travel is as planned, `income_fen` before any deduction.
    */
    MonthView: {
      /** Month */
      month: string;
      /**
      * Institution Id
      * Format: uuid
      */
      institution_id: string;
      /** Institution Name */
      institution_name: string;
      /** Visits */
      visits: number;
      /** On Time */
      on_time: number;
      /** Minutes */
      minutes: number;
      /** Travel Min */
      travel_min: number;
      /** Distance M */
      distance_m: number;
      /** Income Fen */
      income_fen: number;
      /** Offers */
      offers: number;
      /** Accepted */
      accepted: number;
      /** Declined */
      declined: number;
      /** Expired */
      expired: number;
    };
    /**
    * MoveView
    * @description A lifecycle step that this caller may take now, and how.
    */
    MoveView: {
      /** Name */
      name: string;
      /** Method */
      method: string;
      /** Path */
      path: string;
    };
    /**
    * Named
    * @description Who was named for an order, and what her time is worth to the batch.
    */
    Named: {
      /**
      * Nurse Id
      * Format: uuid
      */
      nurse_id: string;
      /** Cost */
      cost: number;
      /** Price */
      price: number;
    };
    /**
    * NamedWord
    * @description A word that bodies and answers use; `text` is in the reader's language.
    */
    NamedWord: {
      /** Name */
      name: string;
      /** Text */
      text: string;
      /** Text Zh */
      text_zh: string;
      /** Text En */
      text_en: string;
    };
    /**
    * Nearest
    * @description The nearest other world, all `changes` together: she would have been asked, or qualified.
    */
    Nearest: {
      /** Changes */
      changes: components["schemas"]["ChangeView"][];
      /** Text */
      text: string;
    };
    /** NurseCard */
    NurseCard: {
      /**
      * Id
      * Format: uuid
      */
      id: string;
      /** Name */
      name: string;
      title: components["schemas"]["Title"];
      /**
      * Rating
      * @default null
      */
      rating: number | null;
      /**
      * Phone Masked
      * @default null
      */
      phone_masked: string | null;
      /**
      * Photo Url
      * @default null
      */
      photo_url: string | null;
    };
    /** NurseDay */
    NurseDay: {
      /**
      * Nurse Id
      * Format: uuid
      */
      nurse_id: string;
      /** Staff No */
      staff_no: number;
      /** Name */
      name: string;
      /**
      * Date
      * Format: date
      */
      date: string;
      /** Shifts */
      shifts: components["schemas"]["Span"][];
      /** Duties */
      duties: components["schemas"]["Span"][];
      /** Route */
      route: components["schemas"]["Stop"][];
      /** Timeline */
      timeline: components["schemas"]["DayEvent"][];
    };
    /**
    * NurseDecision
    * @description Why she was asked, or was not. Of an order that she was not asked for only the county, the
    *     services and the day are told, and the distance to the half kilometre.
    *
    *     `rank` counts from 1 among the `eligible`. `reasons` refused her: one that is the patient's is
    *     called `other`. `parts` leave out what would tell who the patient is; `why` is what an offer
    *     said.
    */
    NurseDecision: {
      /**
      * At
      * Format: date-time
      */
      at: string;
      verdict: components["schemas"]["NurseVerdict"];
      /**
      * Offer Id
      * @default null
      */
      offer_id: string | null;
      /** County */
      county: string;
      /** County Name */
      county_name: string;
      /** Service Codes */
      service_codes: string[];
      /**
      * On
      * Format: date
      */
      on: string;
      /** Distance Km */
      distance_km: number;
      /**
      * Rank
      * @default null
      */
      rank: number | null;
      /** Eligible */
      eligible: number;
      /** Reasons */
      reasons: components["schemas"]["RefusalView"][];
      /** Parts */
      parts: components["schemas"]["PartView"][];
      /** @default null */
      nearest: components["schemas"]["Nearest"] | null;
      /** Why */
      why: string[];
    };
    /**
    * NurseDetail
    * @description A nurse as staff see her alone.
    */
    NurseDetail: {
      /**
      * Id
      * Format: uuid
      */
      id: string;
      /** Staff No */
      staff_no: number;
      /** Name */
      name: string;
      /**
      * Gender
      * @enum {string}
      */
      gender: "female" | "male";
      title: components["schemas"]["Title"];
      /** Tier */
      tier: number;
      /**
      * Institution Id
      * Format: uuid
      */
      institution_id: string;
      /**
      * First Practised On
      * Format: date
      */
      first_practised_on: string;
      /** Specialties */
      specialties: string[];
      /** Languages */
      languages: string[];
      /** Registration No */
      registration_no: string | null;
      /**
      * Certificate Valid Until
      * Format: date
      */
      certificate_valid_until: string;
      /**
      * Insurance Valid Until
      * Format: date
      */
      insurance_valid_until: string;
      insurances: components["schemas"]["InsurancesView"];
      /**
      * Registration State
      * @enum {string}
      */
      registration_state: "registered" | "to_verify";
      /**
      * Register State
      * @enum {string}
      */
      register_state: "unchecked" | "verified" | "not_found" | "unavailable" | "confirmed";
      /** Register Checked At */
      register_checked_at: string | null;
      /** Register Valid Until */
      register_valid_until: string | null;
      /** Admitted */
      admitted: boolean;
      /** Available */
      available: boolean;
      state: components["schemas"]["NurseState"];
      /** Radius M */
      radius_m: number;
      /** Quiet From */
      quiet_from: string | null;
      /** Quiet Until */
      quiet_until: string | null;
      /** Rating */
      rating: number | null;
      /** Ratings */
      ratings: number;
      /** Photo Url */
      photo_url: string | null;
      location: components["schemas"]["Place"] | null;
      /** Located At */
      located_at: string | null;
      /** Version */
      version: number;
      /** Suspended At */
      suspended_at: string | null;
      /** Suspension Reason */
      suspension_reason: string | null;
      /**
      * Created At
      * Format: date-time
      */
      created_at: string;
      /** Institution Name */
      institution_name: string;
      /** Phone */
      phone: string | null;
    };
    /**
    * NurseProfile
    * @description A nurse as she sees herself. `ward_duties` are her hospital's, of the next two weeks.
    */
    NurseProfile: {
      /**
      * Id
      * Format: uuid
      */
      id: string;
      /** Staff No */
      staff_no: number;
      /** Name */
      name: string;
      /**
      * Gender
      * @enum {string}
      */
      gender: "female" | "male";
      title: components["schemas"]["Title"];
      /** Tier */
      tier: number;
      /**
      * Institution Id
      * Format: uuid
      */
      institution_id: string;
      /**
      * First Practised On
      * Format: date
      */
      first_practised_on: string;
      /** Specialties */
      specialties: string[];
      /** Languages */
      languages: string[];
      /** Registration No */
      registration_no: string | null;
      /**
      * Certificate Valid Until
      * Format: date
      */
      certificate_valid_until: string;
      /**
      * Insurance Valid Until
      * Format: date
      */
      insurance_valid_until: string;
      insurances: components["schemas"]["InsurancesView"];
      /**
      * Registration State
      * @enum {string}
      */
      registration_state: "registered" | "to_verify";
      /**
      * Register State
      * @enum {string}
      */
      register_state: "unchecked" | "verified" | "not_found" | "unavailable" | "confirmed";
      /** Register Checked At */
      register_checked_at: string | null;
      /** Register Valid Until */
      register_valid_until: string | null;
      /** Admitted */
      admitted: boolean;
      /** Available */
      available: boolean;
      state: components["schemas"]["NurseState"];
      /** Radius M */
      radius_m: number;
      /** Quiet From */
      quiet_from: string | null;
      /** Quiet Until */
      quiet_until: string | null;
      /** Rating */
      rating: number | null;
      /** Ratings */
      ratings: number;
      /** Photo Url */
      photo_url: string | null;
      location: components["schemas"]["Place"] | null;
      /** Located At */
      located_at: string | null;
      /** Version */
      version: number;
      /** Institution Name */
      institution_name: string;
      /** Ward Duties */
      ward_duties: components["schemas"]["ShiftView"][];
    };
    /**
    * NurseState
    * @description Whether she can be sent; derived, the first that holds.
    * @enum {string}
    */
    NurseState: "suspended" | "not_admitted" | "unavailable" | "available";
    /**
    * NurseVerdict
    * @description What a decision came to for one nurse.
    * @enum {string}
    */
    NurseVerdict: "asked" | "passed_over" | "refused";
    /**
    * NurseView
    * @description A nurse as staff see her in a list.
    */
    NurseView: {
      /**
      * Id
      * Format: uuid
      */
      id: string;
      /** Staff No */
      staff_no: number;
      /** Name */
      name: string;
      /**
      * Gender
      * @enum {string}
      */
      gender: "female" | "male";
      title: components["schemas"]["Title"];
      /** Tier */
      tier: number;
      /**
      * Institution Id
      * Format: uuid
      */
      institution_id: string;
      /**
      * First Practised On
      * Format: date
      */
      first_practised_on: string;
      /** Specialties */
      specialties: string[];
      /** Languages */
      languages: string[];
      /** Registration No */
      registration_no: string | null;
      /**
      * Certificate Valid Until
      * Format: date
      */
      certificate_valid_until: string;
      /**
      * Insurance Valid Until
      * Format: date
      */
      insurance_valid_until: string;
      insurances: components["schemas"]["InsurancesView"];
      /**
      * Registration State
      * @enum {string}
      */
      registration_state: "registered" | "to_verify";
      /**
      * Register State
      * @enum {string}
      */
      register_state: "unchecked" | "verified" | "not_found" | "unavailable" | "confirmed";
      /** Register Checked At */
      register_checked_at: string | null;
      /** Register Valid Until */
      register_valid_until: string | null;
      /** Admitted */
      admitted: boolean;
      /** Available */
      available: boolean;
      state: components["schemas"]["NurseState"];
      /** Radius M */
      radius_m: number;
      /** Quiet From */
      quiet_from: string | null;
      /** Quiet Until */
      quiet_until: string | null;
      /** Rating */
      rating: number | null;
      /** Ratings */
      ratings: number;
      /** Photo Url */
      photo_url: string | null;
      location: components["schemas"]["Place"] | null;
      /** Located At */
      located_at: string | null;
      /** Version */
      version: number;
      /** Suspended At */
      suspended_at: string | null;
      /** Suspension Reason */
      suspension_reason: string | null;
      /**
      * Created At
      * Format: date-time
      */
      created_at: string;
    };
    /**
    * Offer
    * @description `travel_s` is door to door by road, `distance_m` straight; `conditions` are the assessment's,
    *     `why` says why she was asked. `floor` and `has_lift` are null where nobody said.
    */
    Offer: {
      /**
      * Id
      * Format: uuid
      */
      id: string;
      /**
      * Order Id
      * Format: uuid
      */
      order_id: string;
      state: components["schemas"]["OfferState"];
      /** Version */
      version: number;
      /** Moves */
      moves: components["schemas"]["MoveView"][];
      /** Seat */
      seat: number;
      /** Seats */
      seats: number;
      /** Service Codes */
      service_codes: string[];
      window: components["schemas"]["WindowView"];
      /** Duration Min */
      duration_min: number;
      urgency: components["schemas"]["Urgency"];
      /** @default null */
      area: components["schemas"]["Area"] | null;
      /**
      * Floor
      * @default null
      */
      floor: number | null;
      /**
      * Has Lift
      * @default null
      */
      has_lift: boolean | null;
      /** Distance M */
      distance_m: number;
      /** Travel S */
      travel_s: number;
      /** Pay Fen */
      pay_fen: number;
      /** Materials */
      materials: string[];
      /** Conditions */
      conditions: string[];
      /** Conditions Text */
      conditions_text: string[];
      /**
      * Sent At
      * Format: date-time
      */
      sent_at: string;
      /**
      * Expires At
      * Format: date-time
      */
      expires_at: string;
      /** Why */
      why: string[];
    };
    /**
    * OfferState
    * @description Who was asked.
    * @enum {string}
    */
    OfferState: "sent" | "accepted" | "declined" | "expired" | "withdrawn";
    /**
    * OpsMap
    * @description Living orders for the map, soonest first; the nurses on it are those of the board.
    */
    OpsMap: {
      /** Orders */
      orders: components["schemas"]["OrderPin"][];
    };
    /**
    * OpsOrder
    * @description An order as one operator opens it; reading it is recorded.
    *
    *     `patient` and `address` are null after erasure, and for auditors; `checklist` and `against` are
    *     the assessor's, while the order waits for her.
    */
    OpsOrder: {
      /**
      * Id
      * Format: uuid
      */
      id: string;
      state: components["schemas"]["OrderState"];
      /** Version */
      version: number;
      /** Moves */
      moves: components["schemas"]["MoveView"][];
      /**
      * Patient Id
      * Format: uuid
      */
      patient_id: string;
      /**
      * Address Id
      * Format: uuid
      */
      address_id: string;
      /** County */
      county: string;
      /** Service Codes */
      service_codes: string[];
      window: components["schemas"]["WindowView"];
      /** Duration Min */
      duration_min: number;
      urgency: components["schemas"]["Urgency"];
      /** Channel */
      channel: string;
      /** Seats */
      seats: number;
      /** Round */
      round: number;
      /** Wave */
      wave: number;
      /**
      * Promise At
      * Format: date-time
      */
      promise_at: string;
      /** At Risk */
      at_risk: boolean;
      /** Paused */
      paused: boolean;
      /** Price Fen */
      price_fen: number;
      /** Lines */
      lines: components["schemas"]["PriceLine"][];
      /**
      * Cancellation Fee Fen
      * @default null
      */
      cancellation_fee_fen: number | null;
      /** Called Back */
      called_back: number;
      /**
      * Notes
      * @default null
      */
      notes: string | null;
      /**
      * Eligibility Basis
      * @default null
      */
      eligibility_basis: string | null;
      /** Basis */
      basis: string;
      /** Basis Text */
      basis_text: string;
      /** Condition Changed */
      condition_changed: boolean;
      /** @default null */
      review: components["schemas"]["ReviewState"] | null;
      /**
      * Assess By
      * @default null
      */
      assess_by: string | null;
      preferences: components["schemas"]["PreferencesView"];
      /** Preconditions */
      preconditions: string[];
      /** Open Preconditions */
      open_preconditions: string[];
      /**
      * Prescription Id
      * @default null
      */
      prescription_id: string | null;
      consent: components["schemas"]["ConsentView"];
      /** @default null */
      assessment: components["schemas"]["Assessment"] | null;
      /** @default null */
      closing: components["schemas"]["Closing"] | null;
      /** Visits */
      visits: components["schemas"]["SeatVisit"][];
      /**
      * Visit Id
      * @default null
      */
      visit_id: string | null;
      /** @default null */
      nurse: components["schemas"]["NurseCard"] | null;
      /**
      * Signed At
      * @default null
      */
      signed_at: string | null;
      /**
      * Stars
      * @default null
      */
      stars: number | null;
      /**
      * Created At
      * Format: date-time
      */
      created_at: string;
      /**
      * Updated At
      * Format: date-time
      */
      updated_at: string;
      /**
      * Account Id
      * Format: uuid
      */
      account_id: string;
      /**
      * Institution Id
      * @default null
      */
      institution_id: string | null;
      /** @default null */
      patient: components["schemas"]["PatientSheet"] | null;
      /** @default null */
      address: components["schemas"]["AddressSheet"] | null;
      /** Checklist */
      checklist: components["schemas"]["ChecklistItem"][];
      /** Against */
      against: components["schemas"]["Against"][];
    };
    /**
    * Order
    * @description `paused`: open, and nobody is asked: the price is to be secured, the patient's condition has
    *     changed and is assessed again, or nobody answered the door and the patient is to say how it goes
    *     on (`resume`, `reschedule`).
    */
    Order: {
      /**
      * Id
      * Format: uuid
      */
      id: string;
      state: components["schemas"]["OrderState"];
      /** Version */
      version: number;
      /** Moves */
      moves: components["schemas"]["MoveView"][];
      /**
      * Patient Id
      * Format: uuid
      */
      patient_id: string;
      /**
      * Address Id
      * Format: uuid
      */
      address_id: string;
      /** County */
      county: string;
      /** Service Codes */
      service_codes: string[];
      window: components["schemas"]["WindowView"];
      /** Duration Min */
      duration_min: number;
      urgency: components["schemas"]["Urgency"];
      /** Channel */
      channel: string;
      /** Seats */
      seats: number;
      /** Round */
      round: number;
      /** Wave */
      wave: number;
      /**
      * Promise At
      * Format: date-time
      */
      promise_at: string;
      /** At Risk */
      at_risk: boolean;
      /** Paused */
      paused: boolean;
      /** Price Fen */
      price_fen: number;
      /** Lines */
      lines: components["schemas"]["PriceLine"][];
      /**
      * Cancellation Fee Fen
      * @default null
      */
      cancellation_fee_fen: number | null;
      /** Called Back */
      called_back: number;
      /**
      * Notes
      * @default null
      */
      notes: string | null;
      /**
      * Eligibility Basis
      * @default null
      */
      eligibility_basis: string | null;
      /** Basis */
      basis: string;
      /** Basis Text */
      basis_text: string;
      /** Condition Changed */
      condition_changed: boolean;
      /** @default null */
      review: components["schemas"]["ReviewState"] | null;
      /**
      * Assess By
      * @default null
      */
      assess_by: string | null;
      preferences: components["schemas"]["PreferencesView"];
      /** Preconditions */
      preconditions: string[];
      /** Open Preconditions */
      open_preconditions: string[];
      /**
      * Prescription Id
      * @default null
      */
      prescription_id: string | null;
      consent: components["schemas"]["ConsentView"];
      /** @default null */
      assessment: components["schemas"]["Assessment"] | null;
      /** @default null */
      closing: components["schemas"]["Closing"] | null;
      /** Visits */
      visits: components["schemas"]["SeatVisit"][];
      /**
      * Visit Id
      * @default null
      */
      visit_id: string | null;
      /** @default null */
      nurse: components["schemas"]["NurseCard"] | null;
      /**
      * Signed At
      * @default null
      */
      signed_at: string | null;
      /**
      * Stars
      * @default null
      */
      stars: number | null;
      /**
      * Created At
      * Format: date-time
      */
      created_at: string;
      /**
      * Updated At
      * Format: date-time
      */
      updated_at: string;
    };
    /**
    * OrderPin
    * @description A living order; `area` is the centre of a cell of about 500 m, `at_risk` as on the board.
    */
    OrderPin: {
      /**
      * Id
      * Format: uuid
      */
      id: string;
      state: components["schemas"]["OrderState"];
      urgency: components["schemas"]["Urgency"];
      /** At Risk */
      at_risk: boolean;
      /** County */
      county: string;
      /** Service Codes */
      service_codes: string[];
      window: components["schemas"]["WindowView"];
      area: components["schemas"]["Place"];
    };
    /**
    * OrderState
    * @description Whether there is a nurse.
    * @enum {string}
    */
    OrderState: "submitted" | "open" | "held" | "assigned" | "fulfilled" | "failed" | "rejected" | "cancelled" | "lapsed";
    /**
    * Outcome
    * @description How an assessment ends; each belongs to one decision.
    * @enum {string}
    */
    Outcome: "pass" | "pass_with_conditions" | "online_advice" | "refer" | "reject" | "need_info";
    /**
    * PaceModel
    * @description How people travel: a way is the straight line times `detour`, at the speed of its hour
    *     (24 of them, local time, km/h).
    */
    PaceModel: {
      /**
      * Learned At
      * Format: date-time
      */
      learned_at: string;
      /** Age Days */
      age_days: number;
      /** Ways */
      ways: number;
      /** Detour */
      detour: number;
      /** Speeds Kmh */
      speeds_kmh: number[];
    };
    /** Page[AddressView] */
    Page_AddressView_: {
      /** Items */
      items: components["schemas"]["AddressView"][];
      /**
      * Next Cursor
      * @default null
      */
      next_cursor: string | null;
    };
    /** Page[Alarm] */
    Page_Alarm_: {
      /** Items */
      items: components["schemas"]["Alarm"][];
      /**
      * Next Cursor
      * @default null
      */
      next_cursor: string | null;
    };
    /** Page[Attachment] */
    Page_Attachment_: {
      /** Items */
      items: components["schemas"]["Attachment"][];
      /**
      * Next Cursor
      * @default null
      */
      next_cursor: string | null;
    };
    /** Page[BatchProof] */
    Page_BatchProof_: {
      /** Items */
      items: components["schemas"]["BatchProof"][];
      /**
      * Next Cursor
      * @default null
      */
      next_cursor: string | null;
    };
    /** Page[Batch] */
    Page_Batch_: {
      /** Items */
      items: components["schemas"]["Batch"][];
      /**
      * Next Cursor
      * @default null
      */
      next_cursor: string | null;
    };
    /** Page[Bill] */
    Page_Bill_: {
      /** Items */
      items: components["schemas"]["Bill"][];
      /**
      * Next Cursor
      * @default null
      */
      next_cursor: string | null;
    };
    /** Page[Case] */
    Page_Case_: {
      /** Items */
      items: components["schemas"]["Case"][];
      /**
      * Next Cursor
      * @default null
      */
      next_cursor: string | null;
    };
    /** Page[ConsentText] */
    Page_ConsentText_: {
      /** Items */
      items: components["schemas"]["ConsentText"][];
      /**
      * Next Cursor
      * @default null
      */
      next_cursor: string | null;
    };
    /** Page[Coverage] */
    Page_Coverage_: {
      /** Items */
      items: components["schemas"]["Coverage"][];
      /**
      * Next Cursor
      * @default null
      */
      next_cursor: string | null;
    };
    /** Page[DeclaredTariff] */
    Page_DeclaredTariff_: {
      /** Items */
      items: components["schemas"]["DeclaredTariff"][];
      /**
      * Next Cursor
      * @default null
      */
      next_cursor: string | null;
    };
    /** Page[Difference] */
    Page_Difference_: {
      /** Items */
      items: components["schemas"]["Difference"][];
      /**
      * Next Cursor
      * @default null
      */
      next_cursor: string | null;
    };
    /** Page[EmergencyReport] */
    Page_EmergencyReport_: {
      /** Items */
      items: components["schemas"]["EmergencyReport"][];
      /**
      * Next Cursor
      * @default null
      */
      next_cursor: string | null;
    };
    /** Page[EntryView] */
    Page_EntryView_: {
      /** Items */
      items: components["schemas"]["EntryView"][];
      /**
      * Next Cursor
      * @default null
      */
      next_cursor: string | null;
    };
    /** Page[FaceChecked] */
    Page_FaceChecked_: {
      /** Items */
      items: components["schemas"]["FaceChecked"][];
      /**
      * Next Cursor
      * @default null
      */
      next_cursor: string | null;
    };
    /** Page[Flag] */
    Page_Flag_: {
      /** Items */
      items: components["schemas"]["Flag"][];
      /**
      * Next Cursor
      * @default null
      */
      next_cursor: string | null;
    };
    /** Page[InstitutionView] */
    Page_InstitutionView_: {
      /** Items */
      items: components["schemas"]["InstitutionView"][];
      /**
      * Next Cursor
      * @default null
      */
      next_cursor: string | null;
    };
    /** Page[Lane] */
    Page_Lane_: {
      /** Items */
      items: components["schemas"]["Lane"][];
      /**
      * Next Cursor
      * @default null
      */
      next_cursor: string | null;
    };
    /** Page[LedgerEntry] */
    Page_LedgerEntry_: {
      /** Items */
      items: components["schemas"]["LedgerEntry"][];
      /**
      * Next Cursor
      * @default null
      */
      next_cursor: string | null;
    };
    /** Page[LedgerTotal] */
    Page_LedgerTotal_: {
      /** Items */
      items: components["schemas"]["LedgerTotal"][];
      /**
      * Next Cursor
      * @default null
      */
      next_cursor: string | null;
    };
    /** Page[Message] */
    Page_Message_: {
      /** Items */
      items: components["schemas"]["Message"][];
      /**
      * Next Cursor
      * @default null
      */
      next_cursor: string | null;
    };
    /** Page[NurseDecision] */
    Page_NurseDecision_: {
      /** Items */
      items: components["schemas"]["NurseDecision"][];
      /**
      * Next Cursor
      * @default null
      */
      next_cursor: string | null;
    };
    /** Page[NurseView] */
    Page_NurseView_: {
      /** Items */
      items: components["schemas"]["NurseView"][];
      /**
      * Next Cursor
      * @default null
      */
      next_cursor: string | null;
    };
    /** Page[Offer] */
    Page_Offer_: {
      /** Items */
      items: components["schemas"]["Offer"][];
      /**
      * Next Cursor
      * @default null
      */
      next_cursor: string | null;
    };
    /** Page[Order] */
    Page_Order_: {
      /** Items */
      items: components["schemas"]["Order"][];
      /**
      * Next Cursor
      * @default null
      */
      next_cursor: string | null;
    };
    /** Page[PatientView] */
    Page_PatientView_: {
      /** Items */
      items: components["schemas"]["PatientView"][];
      /**
      * Next Cursor
      * @default null
      */
      next_cursor: string | null;
    };
    /** Page[PolicyView] */
    Page_PolicyView_: {
      /** Items */
      items: components["schemas"]["PolicyView"][];
      /**
      * Next Cursor
      * @default null
      */
      next_cursor: string | null;
    };
    /** Page[ProblemType] */
    Page_ProblemType_: {
      /** Items */
      items: components["schemas"]["ProblemType"][];
      /**
      * Next Cursor
      * @default null
      */
      next_cursor: string | null;
    };
    /** Page[Record] */
    Page_Record_: {
      /** Items */
      items: components["schemas"]["Record"][];
      /**
      * Next Cursor
      * @default null
      */
      next_cursor: string | null;
    };
    /** Page[RegisteredInstitution] */
    Page_RegisteredInstitution_: {
      /** Items */
      items: components["schemas"]["RegisteredInstitution"][];
      /**
      * Next Cursor
      * @default null
      */
      next_cursor: string | null;
    };
    /** Page[ServiceView] */
    Page_ServiceView_: {
      /** Items */
      items: components["schemas"]["ServiceView"][];
      /**
      * Next Cursor
      * @default null
      */
      next_cursor: string | null;
    };
    /** Page[ShiftView] */
    Page_ShiftView_: {
      /** Items */
      items: components["schemas"]["ShiftView"][];
      /**
      * Next Cursor
      * @default null
      */
      next_cursor: string | null;
    };
    /** Page[Shortage] */
    Page_Shortage_: {
      /** Items */
      items: components["schemas"]["Shortage"][];
      /**
      * Next Cursor
      * @default null
      */
      next_cursor: string | null;
    };
    /** Page[StandingPlan] */
    Page_StandingPlan_: {
      /** Items */
      items: components["schemas"]["StandingPlan"][];
      /**
      * Next Cursor
      * @default null
      */
      next_cursor: string | null;
    };
    /** Page[TimelineEvent] */
    Page_TimelineEvent_: {
      /** Items */
      items: components["schemas"]["TimelineEvent"][];
      /**
      * Next Cursor
      * @default null
      */
      next_cursor: string | null;
    };
    /** Page[VerificationView] */
    Page_VerificationView_: {
      /** Items */
      items: components["schemas"]["VerificationView"][];
      /**
      * Next Cursor
      * @default null
      */
      next_cursor: string | null;
    };
    /** Page[Visit] */
    Page_Visit_: {
      /** Items */
      items: components["schemas"]["Visit"][];
      /**
      * Next Cursor
      * @default null
      */
      next_cursor: string | null;
    };
    /** Page[Waste] */
    Page_Waste_: {
      /** Items */
      items: components["schemas"]["Waste"][];
      /**
      * Next Cursor
      * @default null
      */
      next_cursor: string | null;
    };
    /**
    * PartView
    * @description A part of what sending her would have cost, in minutes of travel; below nought speaks for
    *     her.
    */
    PartView: {
      /** Term */
      term: string;
      /** Name */
      name: string;
      /** Minutes */
      minutes: number;
    };
    /**
    * PatientSheet
    * @description What an assessor or dispatcher needs to know of the patient.
    */
    PatientSheet: {
      /** Name */
      name: string;
      /**
      * Phone
      * @default null
      */
      phone: string | null;
      gender: components["schemas"]["Gender"];
      /**
      * Birth Date
      * Format: date
      */
      birth_date: string;
      /** Age */
      age: number;
      /** Conditions */
      conditions: string[];
      /** Allergies */
      allergies: string[];
      /** @default null */
      emergency_contact: components["schemas"]["Contact"] | null;
    };
    /**
    * PatientView
    * @description A profile as its own account sees it; an identity number is never told whole again.
    */
    PatientView: {
      /**
      * Id
      * Format: uuid
      */
      id: string;
      /** Name */
      name: string;
      /** Id Number Masked */
      id_number_masked: string | null;
      /** Phone */
      phone: string | null;
      /**
      * Gender
      * @enum {string}
      */
      gender: "female" | "male";
      /**
      * Birth Date
      * Format: date
      */
      birth_date: string;
      /**
      * Relation
      * @enum {string}
      */
      relation: "self" | "parent" | "child" | "spouse" | "other";
      /** Conditions */
      conditions: string[];
      /** Allergies */
      allergies: string[];
      emergency_contact: components["schemas"]["EmergencyContactView"] | null;
      /**
      * Created At
      * Format: date-time
      */
      created_at: string;
      /** Version */
      version: number;
    };
    /**
    * PayerPart
    * @description What somebody else pays. A rejected part is 0 and the patient's own now.
    */
    PayerPart: {
      /**
      * Id
      * Format: uuid
      */
      id: string;
      /** Payer */
      payer: string;
      /** Plan */
      plan: string;
      /** Label */
      label: string;
      /**
      * State
      * @enum {string}
      */
      state: "estimated" | "confirmed" | "rejected";
      /** Amount Fen */
      amount_fen: number;
      /**
      * Reason
      * @default null
      */
      reason: string | null;
      /**
      * Reference
      * @default null
      */
      reference: string | null;
    };
    /**
    * Payment
    * @description An attempt to pay. A `hold` reserves the money until the visit is over; `pay_url` is where
    *     the patient pays, for as long as it is only begun.
    */
    Payment: {
      /**
      * Id
      * Format: uuid
      */
      id: string;
      /**
      * Kind
      * @enum {string}
      */
      kind: "hold" | "charge";
      /**
      * State
      * @enum {string}
      */
      state: "started" | "held" | "captured" | "released" | "failed";
      /** Amount Fen */
      amount_fen: number;
      /** Captured Fen */
      captured_fen: number;
      /** Refunded Fen */
      refunded_fen: number;
      /**
      * Pay Url
      * @default null
      */
      pay_url: string | null;
      /**
      * Created At
      * Format: date-time
      */
      created_at: string;
      /**
      * Updated At
      * Format: date-time
      */
      updated_at: string;
    };
    /**
    * Place
    * @description A place in the datum that it names; GCJ-02 is what Chinese phones and maps give.
    */
    Place: {
      /** Lat */
      lat: number;
      /** Lng */
      lng: number;
      /** @default wgs84 */
      crs?: components["schemas"]["Crs"];
    };
    /**
    * PlaceOrder
    * @description `eligibility_basis`: a slug or name of `/v1/vocabulary`, or own words. `condition_changed`:
    *     the patient's condition is not what it was, so no earlier assessment will do.
    */
    PlaceOrder: {
      /**
      * Patient Id
      * Format: uuid
      */
      patient_id: string;
      /**
      * Address Id
      * Format: uuid
      */
      address_id: string;
      /** Service Codes */
      service_codes: string[];
      window: components["schemas"]["Window"];
      urgency: components["schemas"]["Urgency"];
      /**
      * Notes
      * @default null
      */
      notes?: string | null;
      /**
      * Prescription Id
      * @default null
      */
      prescription_id?: string | null;
      /**
      * @default {
      *       "nurse_gender": null,
      *       "preferred_nurse_id": null,
      *       "excluded_nurse_ids": [],
      *       "language": null
      *     }
      */
      preferences?: components["schemas"]["Preferences"];
      consent: components["schemas"]["Consent"];
      /**
      * Eligibility Basis
      * @default null
      */
      eligibility_basis?: string | null;
      /**
      * Condition Changed
      * @default false
      */
      condition_changed?: boolean;
      /**
      * Preconditions
      * @default []
      */
      preconditions?: string[];
    };
    /** PlaceOrderFor */
    PlaceOrderFor: {
      /**
      * Patient Id
      * Format: uuid
      */
      patient_id: string;
      /**
      * Address Id
      * Format: uuid
      */
      address_id: string;
      /** Service Codes */
      service_codes: string[];
      window: components["schemas"]["Window"];
      urgency: components["schemas"]["Urgency"];
      /**
      * Notes
      * @default null
      */
      notes?: string | null;
      /**
      * Prescription Id
      * @default null
      */
      prescription_id?: string | null;
      /**
      * @default {
      *       "nurse_gender": null,
      *       "preferred_nurse_id": null,
      *       "excluded_nurse_ids": [],
      *       "language": null
      *     }
      */
      preferences?: components["schemas"]["Preferences"];
      consent: components["schemas"]["Consent"];
      /**
      * Eligibility Basis
      * @default null
      */
      eligibility_basis?: string | null;
      /**
      * Condition Changed
      * @default false
      */
      condition_changed?: boolean;
      /**
      * Preconditions
      * @default []
      */
      preconditions?: string[];
      channel: components["schemas"]["Channel"];
    };
    /**
    * Plan
    * @description What the day could gain if some visits were exchanged; nothing of it has been done.
    *
    *     Each of `parts` may be committed by itself. `left_alone`: visits whose nurse's day was not
    *     looked at, since it is no plain round or some 200 visits are planned already. Visits that begin
    *     within two hours are never moved, but for those of a nurse who is absent and those that one
    *     comes late to; `nobody`: of these, what no other nurse and no later time were found for.
    */
    Plan: {
      /**
      * Date
      * Format: date
      */
      date: string;
      /** County */
      county: string;
      /** Visits */
      visits: number;
      /** Left Alone */
      left_alone: number;
      /** Travel Before Min */
      travel_before_min: number;
      /** Travel After Min */
      travel_after_min: number;
      /** Parts */
      parts: components["schemas"]["PlanPart"][];
      /** Changes */
      changes: components["schemas"]["PlanChange"][];
      /** Nobody */
      nobody: components["schemas"]["PlanVisit"][];
      travel: components["schemas"]["MeasureView"];
    };
    /**
    * PlanChange
    * @description One visit that would be moved; `is_other_nurse` tells whether somebody else would come, and
    *     `is_preferred_nurse` whether she is the one whom the patient asked for.
    */
    PlanChange: {
      /**
      * Visit Id
      * Format: uuid
      */
      visit_id: string;
      /** Version */
      version: number;
      /**
      * Order Id
      * Format: uuid
      */
      order_id: string;
      /** Seat */
      seat: number;
      /** Service Codes */
      service_codes: string[];
      window: components["schemas"]["WindowView"];
      told: components["schemas"]["PlanSeat"];
      /**
      * Expected Start
      * @default null
      */
      expected_start: string | null;
      /** Part */
      part: number;
      planned: components["schemas"]["PlanSeat"];
      /** Is Other Nurse */
      is_other_nurse: boolean;
      /** Is Preferred Nurse */
      is_preferred_nurse: boolean;
    };
    /**
    * PlanCommit
    * @description What the nurse with `absent_nurse_id` has not set out for may be changed however soon it is;
    *     so may what nurses have who are held up where they are.
    */
    PlanCommit: {
      /** Changes */
      changes: components["schemas"]["PlannedChange"][];
      /**
      * Reason
      * @default null
      */
      reason?: string | null;
      /**
      * Absent Nurse Id
      * @default null
      */
      absent_nurse_id?: string | null;
    };
    /**
    * PlanPart
    * @description Changes that stand or fall together, and the travel that they save; below nought they cost
    *     some.
    */
    PlanPart: {
      /** Part */
      part: number;
      /** Saved Min */
      saved_min: number;
    };
    /**
    * PlanRequest
    * @description `change_min`: how much travel it must save to send another nurse than was told.
    *
    *     With `absent_nurse_id` the plan gives what she has to others, and changes as little else as it
    *     must. So it does with what a nurse comes late to because she is held up where she is.
    */
    PlanRequest: {
      /**
      * Date
      * Format: date
      */
      date: string;
      /** County */
      county: string;
      /**
      * Change Min
      * @default 60
      */
      change_min?: number;
      /**
      * Absent Nurse Id
      * @default null
      */
      absent_nurse_id?: string | null;
    };
    /** PlanSeat */
    PlanSeat: {
      /**
      * Nurse Id
      * Format: uuid
      */
      nurse_id: string;
      /** Staff No */
      staff_no: number;
      /** Name */
      name: string;
      /**
      * Start At
      * Format: date-time
      */
      start_at: string;
    };
    /**
    * PlanVisit
    * @description A visit as it was told; `version` is there to commit a change of it by. `expected_start` is
    *     when the nurse would be there as it looks now, if that is more than ten minutes late.
    */
    PlanVisit: {
      /**
      * Visit Id
      * Format: uuid
      */
      visit_id: string;
      /** Version */
      version: number;
      /**
      * Order Id
      * Format: uuid
      */
      order_id: string;
      /** Seat */
      seat: number;
      /** Service Codes */
      service_codes: string[];
      window: components["schemas"]["WindowView"];
      told: components["schemas"]["PlanSeat"];
      /**
      * Expected Start
      * @default null
      */
      expected_start: string | null;
    };
    /**
    * PlannedChange
    * @description How a visit is to be; `version` is the one that was seen.
    */
    PlannedChange: {
      /**
      * Visit Id
      * Format: uuid
      */
      visit_id: string;
      /** Version */
      version: number;
      /**
      * Nurse Id
      * Format: uuid
      */
      nurse_id: string;
      /**
      * Start At
      * Format: date-time
      */
      start_at: string;
    };
    /**
    * PlannedDay
    * @description What `GET /v1/ops/plans` has for a day in a county, in numbers: visits that a nurse who is
    *     held up comes late to (`pressing`), visits that would change, those that nobody was found for,
    *     and the travel that would be saved.
    */
    PlannedDay: {
      /**
      * Date
      * Format: date
      */
      date: string;
      /** County */
      county: string;
      /**
      * Planned At
      * Format: date-time
      */
      planned_at: string;
      /** Pressing */
      pressing: boolean;
      /** Late */
      late: number;
      /** Changes */
      changes: number;
      /** Nobody */
      nobody: number;
      /** Saved Min */
      saved_min: number;
    };
    /**
    * PolicyView
    * @description `acknowledged_at` is of this version; null: not read yet.
    */
    PolicyView: {
      /** Slug */
      slug: string;
      /** Version */
      version: string;
      /** Title */
      title: string;
      /** Text */
      text: string;
      /** Hash */
      hash: string;
      /** Acknowledged At */
      acknowledged_at: string | null;
    };
    /** PositionPoint */
    PositionPoint: {
      location: components["schemas"]["Place"];
      /**
      * Recorded At
      * Format: date-time
      */
      recorded_at: string;
      /**
      * Accuracy M
      * @default null
      */
      accuracy_m?: number | null;
    };
    /**
    * PositionsTaken
    * @description `ignored` are points recorded outside of every visit under way; they are not kept.
    */
    PositionsTaken: {
      /** Accepted */
      accepted: number;
      /** Ignored */
      ignored: number;
    };
    /** Preferences */
    Preferences: {
      /** @default null */
      nurse_gender?: components["schemas"]["Gender"] | null;
      /**
      * Preferred Nurse Id
      * @default null
      */
      preferred_nurse_id?: string | null;
      /**
      * Excluded Nurse Ids
      * @default []
      */
      excluded_nurse_ids?: string[];
      /**
      * Language
      * @default null
      */
      language?: string | null;
    };
    /** PreferencesView */
    PreferencesView: {
      /** @default null */
      nurse_gender: components["schemas"]["Gender"] | null;
      /**
      * Preferred Nurse Id
      * @default null
      */
      preferred_nurse_id: string | null;
      /**
      * Excluded Nurse Ids
      * @default []
      */
      excluded_nurse_ids: string[];
      /**
      * Language
      * @default null
      */
      language: string | null;
    };
    /**
    * Prescription
    * @description `file` is its picture, null as long as none has been sent.
    */
    Prescription: {
      /**
      * Id
      * Format: uuid
      */
      id: string;
      /**
      * Patient Id
      * Format: uuid
      */
      patient_id: string;
      /** Service Codes */
      service_codes: string[];
      /** Prescriber */
      prescriber: string;
      /** Institution */
      institution: string;
      /**
      * Issued On
      * Format: date
      */
      issued_on: string;
      /**
      * Valid Until
      * Format: date
      */
      valid_until: string;
      /** Items */
      items: components["schemas"]["PrescriptionItemView"][];
      /**
      * Created At
      * Format: date-time
      */
      created_at: string;
      file: components["schemas"]["PrescriptionFile"] | null;
    };
    /**
    * PrescriptionFile
    * @description The newest picture of a prescription.
    */
    PrescriptionFile: {
      /** Media Type */
      media_type: string;
      /** Size Bytes */
      size_bytes: number;
      /** Sha256 */
      sha256: string;
      /** Received Sha256 */
      received_sha256: string;
      /**
      * Received At
      * Format: date-time
      */
      received_at: string;
    };
    /**
    * PrescriptionItem
    * @description A drug with how it is given, or a procedure.
    */
    PrescriptionItem: {
      /**
      * Drug
      * @default null
      */
      drug?: string | null;
      /**
      * Dose
      * @default null
      */
      dose?: string | null;
      /**
      * Route
      * @default null
      */
      route?: string | null;
      /**
      * Frequency
      * @default null
      */
      frequency?: string | null;
      /**
      * Procedure
      * @default null
      */
      procedure?: string | null;
    };
    /** PrescriptionItemView */
    PrescriptionItemView: {
      /** Drug */
      drug: string | null;
      /** Dose */
      dose: string | null;
      /** Route */
      route: string | null;
      /** Frequency */
      frequency: string | null;
      /** Procedure */
      procedure: string | null;
    };
    /** Pressed */
    Pressed: {
      /**
      * Alarm Id
      * Format: uuid
      */
      alarm_id: string;
      /**
      * Raised At
      * Format: date-time
      */
      raised_at: string;
      /** Level */
      level: number;
      state: components["schemas"]["AlarmState"];
    };
    /**
    * PriceItem
    * @description What can be added on site: an extra beyond `included`, by each begun `per`; or a material.
    */
    PriceItem: {
      /** Code */
      code: string;
      /**
      * Kind
      * @enum {string}
      */
      kind: "extra" | "material" | "drug";
      /** Label */
      label: string;
      /** Amount Fen */
      amount_fen: number;
      /** Included */
      included: number;
      /** Per */
      per: number;
      /**
      * At Most
      * @default null
      */
      at_most: number | null;
    };
    /**
    * PriceLine
    * @description `kind`: `visit_fee`, `service` or `travel_fee`; `amount_fen` is for the whole quantity.
    */
    PriceLine: {
      /** Kind */
      kind: string;
      /** Label */
      label: string;
      /**
      * Service Code
      * @default null
      */
      service_code: string | null;
      /** Quantity */
      quantity: number;
      /** Amount Fen */
      amount_fen: number;
    };
    /**
    * Problem
    * @description RFC 9457: what went wrong. Some types carry further members; `/problems` lists the types.
    */
    Problem: {
      /** Type */
      type: string;
      /** Title */
      title: string;
      /** Status */
      status: number;
      /** Detail */
      detail: string;
      /** Instance */
      instance: string;
      /**
      * Errors
      * @default null
      */
      errors?: components["schemas"]["FieldError"][] | null;
    } & {
      [key: string]: unknown;
    };
    /**
    * ProblemType
    * @description A kind of problem that an answer may carry.
    */
    ProblemType: {
      /** Type */
      type: string;
      /** Status */
      status: number;
      /** Title */
      title: string;
      /** Detail */
      detail: string;
    };
    /** ProposeChange */
    ProposeChange: {
      /** Items */
      items: components["schemas"]["AskedItem"][];
    };
    /**
    * Prospect
    * @description What it would mean if another nurse went: `would` is null where `reasons` are against it.
    *
    *     `added_travel_s` is what her day's travel grows by.
    */
    Prospect: {
      /**
      * Nurse Id
      * Format: uuid
      */
      nurse_id: string;
      /** Name */
      name: string;
      /** Eligible */
      eligible: boolean;
      /** Reasons */
      reasons: components["schemas"]["RefusalView"][];
      now: components["schemas"]["Going"];
      would: components["schemas"]["Going"] | null;
      /** Added Travel S */
      added_travel_s: number | null;
    };
    /**
    * PurposeText
    * @description A text in the reader's language, with its hash; without a `required` one nobody is sent.
    */
    PurposeText: {
      /** Purpose */
      purpose: string;
      /** Name */
      name: string;
      /** Version */
      version: string;
      /** Text */
      text: string;
      /** Hash */
      hash: string;
      /** Required */
      required: boolean;
    };
    /** PurposeTexts */
    PurposeTexts: {
      /** Items */
      items: components["schemas"]["PurposeText"][];
    };
    /**
    * PushKey
    * @description The `applicationServerKey`, in URL-safe base64.
    */
    PushKey: {
      /** Public Key */
      public_key: string;
    };
    /** PushKeys */
    PushKeys: {
      /** P256Dh */
      p256dh: string;
      /** Auth */
      auth: string;
    };
    /**
    * Quote
    * @description `eligible_nurses` counts those near who could come in the window as things stand now.
    */
    Quote: {
      /** Price Fen */
      price_fen: number;
      /** Lines */
      lines: components["schemas"]["PriceLine"][];
      /** Travel Fee Fen */
      travel_fee_fen: number;
      /** Duration Min */
      duration_min: number;
      /** Nurses Required */
      nurses_required: number;
      /** Eligible Nurses */
      eligible_nurses: number;
      /**
      * Earliest Start Estimate
      * @default null
      */
      earliest_start_estimate: string | null;
      /** Served */
      served: boolean;
      /** Reasons */
      reasons: components["schemas"]["Reason"][];
    };
    /** QuoteRequest */
    QuoteRequest: {
      /** Service Codes */
      service_codes: string[];
      location: components["schemas"]["Place"];
      window: components["schemas"]["Window"];
    };
    /** RateOrder */
    RateOrder: {
      /** Stars */
      stars: number;
      /**
      * Tags
      * @default []
      */
      tags?: string[];
      /**
      * Comment
      * @default null
      */
      comment?: string | null;
    };
    /** Rating */
    Rating: {
      /**
      * Order Id
      * Format: uuid
      */
      order_id: string;
      /** Stars */
      stars: number;
      /** Tags */
      tags: string[];
      /**
      * Comment
      * @default null
      */
      comment: string | null;
      /**
      * Created At
      * Format: date-time
      */
      created_at: string;
    };
    /**
    * ReachView
    * @description How many were asked for each empty seat: so many that, by their chances, it is filled with
    *     the probability `target` in `waves` waves. `waves` is null where the chances are not known and
    *     the size is as it is set.
    */
    ReachView: {
      /** Size */
      size: number;
      /** Waves */
      waves: number | null;
      /** Target */
      target: number;
    };
    /**
    * Ready
    * @description The process can do its work; `checks` names what was asked.
    */
    Ready: {
      /**
      * Ready
      * @constant
      */
      ready: true;
      /** Checks */
      checks: string[];
    };
    /**
    * Reason
    * @description Why something is not possible, by the name of the rule and in words.
    */
    Reason: {
      /** Rule */
      rule: string;
      /** Text */
      text: string;
    };
    /** Reasoned */
    Reasoned: {
      /**
      * Reason
      * @default null
      */
      reason?: string | null;
    };
    /** Reassign */
    Reassign: {
      /**
      * Nurse Id
      * Format: uuid
      */
      nurse_id: string;
      /** Reason */
      reason: string;
    };
    /**
    * ReceiveWaste
    * @description `received_by` is the name of who took it in; every category that is expected is named.
    */
    ReceiveWaste: {
      /** Received By */
      received_by: string;
      /** Items */
      items: components["schemas"]["WasteItem"][];
      /**
      * At
      * @default null
      */
      at?: string | null;
    };
    /** Record */
    Record: {
      /**
      * Id
      * Format: uuid
      */
      id: string;
      /**
      * Visit Id
      * Format: uuid
      */
      visit_id: string;
      /**
      * Client Id
      * Format: uuid
      */
      client_id: string;
      kind: components["schemas"]["RecordKind"];
      /** Data */
      data: {
        [key: string]: components["schemas"]["JsonValue"];
      };
      /**
      * Recorded At
      * Format: date-time
      */
      recorded_at: string;
      /**
      * Received At
      * Format: date-time
      */
      received_at: string;
      /**
      * Author Id
      * Format: uuid
      */
      author_id: string;
    };
    /**
    * RecordField
    * @description What to record: `data.<field>` of an entry of `kind`, before the procedure, after it, or when
    *     it suits. A `photo` is named by the id or client_id of its attachment.
    */
    RecordField: {
      /** Name */
      name: string;
      kind: components["schemas"]["RecordKind"];
      /** Field */
      field: string;
      when: components["schemas"]["When"];
      /** Required */
      required: boolean;
      type: components["schemas"]["FieldType"];
      /** Label */
      label: string;
      /** Label Zh */
      label_zh: string;
      /** Label En */
      label_en: string;
      /** Unit */
      unit: string | null;
      /** Min */
      min: number | null;
      /** Max */
      max: number | null;
      /** Options */
      options: components["schemas"]["RecordOption"][];
    };
    /**
    * RecordKind
    * @enum {string}
    */
    RecordKind: "vitals" | "procedure" | "education" | "photo" | "material" | "waste" | "note";
    /** RecordOption */
    RecordOption: {
      /** Value */
      value: string;
      /** Label */
      label: string;
      /** Label Zh */
      label_zh: string;
      /** Label En */
      label_en: string;
    };
    /** Redispatch */
    Redispatch: {
      /** Reason */
      reason: string;
    };
    /** Refresh */
    Refresh: {
      /** Refresh Token */
      refresh_token: string;
    };
    /**
    * RefusalView
    * @description Which rule refused her: what was found, what was wanted, and a sentence.
    */
    RefusalView: {
      /** Rule */
      rule: string;
      /**
      * Value
      * @default null
      */
      value: boolean | number | string | string[] | null;
      /**
      * Threshold
      * @default null
      */
      threshold: boolean | number | string | string[] | null;
      /** Text */
      text: string;
    };
    /** RegisterInstitution */
    RegisterInstitution: {
      /** Code */
      code: string;
      /** Name */
      name: string;
      /**
      * Parent Id
      * @default null
      */
      parent_id?: string | null;
      /** County */
      county: string;
      /** Counties */
      counties: string[];
      /** Services */
      services: string[];
      /**
      * Phone
      * @default null
      */
      phone?: string | null;
      location: components["schemas"]["Place"];
      /**
      * Approved
      * @default true
      */
      approved?: boolean;
      /**
      * Licence No
      * @default null
      */
      licence_no?: string | null;
      /**
      * Licence Valid Until
      * @default null
      */
      licence_valid_until?: string | null;
      /**
      * Min Years
      * @default null
      */
      min_years?: number | null;
      /**
      * Min Title
      * @default null
      */
      min_title?: ("hushi_shi" | "zhuguan" | "fuzhuren" | "zhuren") | null;
      /** Min Tiers */
      min_tiers?: {
        [key: string]: number;
      };
    };
    /**
    * RegisterNurse
    * @description `insurance_valid_until` holds for each of the three that `insurances` does not tell.
    */
    RegisterNurse: {
      /** Staff No */
      staff_no: number;
      /** Phone */
      phone: string;
      /**
      * Institution Id
      * Format: uuid
      */
      institution_id: string;
      /** Name */
      name: string;
      /**
      * Gender
      * @enum {string}
      */
      gender: "female" | "male";
      title: components["schemas"]["Title"];
      /** Tier */
      tier: number;
      /**
      * First Practised On
      * Format: date
      */
      first_practised_on: string;
      /** Specialties */
      specialties: string[];
      /**
      * Languages
      * @default [
      *       "zh"
      *     ]
      */
      languages?: string[];
      /**
      * Registration No
      * @default null
      */
      registration_no?: string | null;
      /**
      * Certificate Valid Until
      * Format: date
      */
      certificate_valid_until: string;
      /**
      * Insurance Valid Until
      * Format: date
      */
      insurance_valid_until: string;
      /** @default null */
      insurances?: components["schemas"]["Insurances"] | null;
      /**
      * Admitted
      * @default true
      */
      admitted?: boolean;
      location: components["schemas"]["Place"];
      /**
      * Radius M
      * @default null
      */
      radius_m?: number | null;
    };
    /**
    * RegisteredInstitution
    * @description An institution as staff see it.
    */
    RegisteredInstitution: {
      /**
      * Id
      * Format: uuid
      */
      id: string;
      /** Code */
      code: string;
      /** Name */
      name: string;
      /** County */
      county: string;
      /** Counties */
      counties: string[];
      /** Services */
      services: string[];
      /** Phone */
      phone: string | null;
      location: components["schemas"]["Place"];
      /** Parent Id */
      parent_id: string | null;
      /** Approved */
      approved: boolean;
      /** Licence No */
      licence_no: string | null;
      /** Licence Valid Until */
      licence_valid_until: string | null;
      /** Min Years */
      min_years: number | null;
      min_title: components["schemas"]["Title"] | null;
      /** Min Tiers */
      min_tiers: {
        [key: string]: number;
      };
      /**
      * Created At
      * Format: date-time
      */
      created_at: string;
      /** Version */
      version: number;
    };
    /** RejectFlag */
    RejectFlag: {
      /** Reason */
      reason: string;
    };
    /** Release */
    Release: {
      /** Reason */
      reason: string;
    };
    /** ReleaseRecord */
    ReleaseRecord: {
      /** Reason */
      reason: string;
    };
    /**
    * ReliabilityBar
    * @description Of so many offers that it was not learned from: what chance was said, and what share came
    *     true.
    */
    ReliabilityBar: {
      /** Offers */
      offers: number;
      /** Said */
      said: number;
      /** Found */
      found: number;
    };
    /**
    * ReportEvent
    * @description `notified` are those who were told already.
    */
    ReportEvent: {
      /**
      * Kind
      * @enum {string}
      */
      kind: "allergic_reaction" | "aspiration" | "bleeding" | "device" | "fall" | "identity" | "infection" | "medication" | "needle_stick" | "other" | "skin_injury" | "tube";
      severity: components["schemas"]["Severity"];
      /**
      * Occurred At
      * Format: date-time
      */
      occurred_at: string;
      /** Description */
      description: string;
      /**
      * Harm
      * @default null
      */
      harm?: string | null;
      /**
      * Immediate Action
      * @default null
      */
      immediate_action?: string | null;
      /**
      * Notified
      * @default []
      */
      notified?: string[];
      /**
      * Service Code
      * @default null
      */
      service_code?: string | null;
    };
    /** ReportPositions */
    ReportPositions: {
      /** Points */
      points: components["schemas"]["PositionPoint"][];
    };
    /** RescheduleOrder */
    RescheduleOrder: {
      window: components["schemas"]["Window"];
    };
    /** ResolveAlarm */
    ResolveAlarm: {
      /** Note */
      note: string;
    };
    /**
    * ReviewState
    * @description Who has a submitted order before him: nobody yet, the clock (an earlier assessment will do),
    *     an assessor, or the patient, who was asked something. An assessor also has an approved order
    *     before him whose assessment holds no longer.
    * @enum {string}
    */
    ReviewState: "new" | "clock" | "person" | "patient";
    /**
    * Risk
    * @enum {string}
    */
    Risk: "low" | "medium" | "high";
    /**
    * Role
    * @description Who acts. `clock` is the service itself: a deadline passes, a move has consequences.
    * @enum {string}
    */
    Role: "patient" | "nurse" | "operator" | "admin" | "auditor" | "clock";
    /** Said */
    Said: {
      /**
      * At
      * Format: date-time
      */
      at: string;
      /** Words */
      words: string;
    };
    /**
    * SeatVisit
    * @description The visit that fills a seat in the order's present round; `why` says why this nurse.
    */
    SeatVisit: {
      /**
      * Visit Id
      * Format: uuid
      */
      visit_id: string;
      /** Seat */
      seat: number;
      state: components["schemas"]["VisitState"];
      /** Version */
      version: number;
      /** Moves */
      moves: components["schemas"]["MoveView"][];
      nurse: components["schemas"]["NurseCard"];
      /**
      * Planned Start
      * Format: date-time
      */
      planned_start: string;
      /**
      * Planned End
      * Format: date-time
      */
      planned_end: string;
      /**
      * Eta
      * @default null
      */
      eta: string | null;
      /** Why */
      why: string[];
    };
    /** SecondContact */
    SecondContact: {
      /** Name */
      name: string;
      /** Phone */
      phone: string;
    };
    /**
    * ServiceLeaning
    * @description How much more readily than others a service is accepted, in log-odds.
    */
    ServiceLeaning: {
      /** Service Code */
      service_code: string;
      /** Leaning */
      leaning: number;
    };
    /**
    * ServiceView
    * @description A service; `name` is in the reader's language.
    */
    ServiceView: {
      /** Code */
      code: string;
      /** Name */
      name: string;
      /** Name Zh */
      name_zh: string;
      /** Name En */
      name_en: string;
      category: components["schemas"]["Category"];
      /** Specialties Required */
      specialties_required: string[];
      /** Skill Tier */
      skill_tier: number;
      min_title: components["schemas"]["Title"];
      /** Duration Min */
      duration_min: number;
      /** Price Fen */
      price_fen: number;
      risk: components["schemas"]["Risk"];
      /** Requires Prescription */
      requires_prescription: boolean;
      /** Nurses Required */
      nurses_required: number;
      /** Materials */
      materials: string[];
      /** Preconditions */
      preconditions: string[];
    };
    /**
    * SetAvailability
    * @description Without a location she is sent from where she was before.
    */
    SetAvailability: {
      /** Available */
      available: boolean;
      /** @default null */
      location?: components["schemas"]["Place"] | null;
    };
    /**
    * SetCodes
    * @description `code` says that she is well. `duress_code` looks the same and calls for help in silence.
    *
    *     `current_code` is needed once there are codes.
    */
    SetCodes: {
      /** Code */
      code: string;
      /** Duress Code */
      duress_code: string;
      /**
      * Current Code
      * @default null
      */
      current_code?: string | null;
    };
    /**
    * SettleCase
    * @description `outcome` goes by the kind of case. What is said to a complaint is for who
    *     complained; `credit_fen` lets her off so much of the bill (permission `billing`).
    */
    SettleCase: {
      /**
      * Outcome
      * @enum {string}
      */
      outcome: "advised" | "justified" | "new_visit" | "no_event" | "not_justified" | "partly" | "referred" | "resolved" | "unreachable" | "well" | "withdrawn";
      /** Text */
      text: string;
      /**
      * Credit Fen
      * @default null
      */
      credit_fen?: number | null;
    };
    /**
    * Severity
    * @description How bad an adverse event is, in rising order.
    * @enum {string}
    */
    Severity: "near_miss" | "mild" | "moderate" | "severe";
    /**
    * ShareView
    * @description A nurse's line in the ledger by which work goes round: hours that she opened, offers and paid
    *     minutes in them, older weeks counting less. `ahead_percent` is how much more than the mean hour
    *     of all hers was given; who is ahead is asked the later.
    */
    ShareView: {
      /** Hours */
      hours: number;
      /** Offers */
      offers: number;
      /** Paid Min */
      paid_min: number;
      /** Ahead Percent */
      ahead_percent: number;
      /**
      * Until
      * Format: date-time
      */
      until: string;
    };
    /** ShiftGiven */
    ShiftGiven: {
      /**
      * Starts At
      * Format: date-time
      */
      starts_at: string;
      /**
      * Ends At
      * Format: date-time
      */
      ends_at: string;
    };
    /** ShiftView */
    ShiftView: {
      /**
      * Starts At
      * Format: date-time
      */
      starts_at: string;
      /**
      * Ends At
      * Format: date-time
      */
      ends_at: string;
    };
    /**
    * Shifts
    * @description All her shifts to come, in any order.
    */
    Shifts: components["schemas"]["ShiftGiven"][];
    /**
    * ShortOrder
    * @description `window` is what is left of it; `nurses` qualify.
    */
    ShortOrder: {
      /**
      * Order Id
      * Format: uuid
      */
      order_id: string;
      /** Seats */
      seats: number;
      window: components["schemas"]["WindowView"];
      /** Duration Min */
      duration_min: number;
      /** Specialties */
      specialties: string[];
      /** Nurses */
      nurses: number;
    };
    /**
    * Shortage
    * @description The fewest orders that ask for more visits than all who qualify for any of them can make,
    *     whatever is planned: travel is not counted, so that the truth is rather worse.
    *
    *     It was last found to hold at `held_at`. `checked`: counted again from what is kept, while it is
    *     read.
    */
    Shortage: {
      /**
      * Id
      * Format: uuid
      */
      id: string;
      /** County */
      county: string;
      /**
      * Starts At
      * Format: date-time
      */
      starts_at: string;
      /**
      * Ends At
      * Format: date-time
      */
      ends_at: string;
      /** Seats */
      seats: number;
      /** Visits Max */
      visits_max: number;
      /** Missing */
      missing: number;
      /** Orders */
      orders: components["schemas"]["ShortOrder"][];
      /** Nurses */
      nurses: components["schemas"]["AbleNurse"][];
      /**
      * Found At
      * Format: date-time
      */
      found_at: string;
      /**
      * Held At
      * Format: date-time
      */
      held_at: string;
      /**
      * Ended At
      * @default null
      */
      ended_at: string | null;
      /** Checked */
      checked: boolean;
      /** Text */
      text: string;
    };
    /**
    * Signature
    * @description Signed on the nurse's phone by the patient or somebody who may sign for them.
    */
    Signature: {
      /** Signed By */
      signed_by: string;
      /**
      * Relation
      * @enum {string}
      */
      relation: "patient" | "relative" | "guardian";
      /**
      * Svg
      * @default null
      */
      svg?: string | null;
    };
    /**
    * Source
    * @description Who says so: the system, who ordered, or nobody yet.
    * @enum {string}
    */
    Source: "system" | "order" | "nobody";
    /** Span */
    Span: {
      /**
      * Starts At
      * Format: date-time
      */
      starts_at: string;
      /**
      * Ends At
      * Format: date-time
      */
      ends_at: string;
    };
    /**
    * Standing
    * @description A confirmed flag that binds this visit: of the patient, or of the address.
    */
    Standing: {
      /** Kind */
      kind: string;
      /** Text */
      text: string;
      /** Of Address */
      of_address: boolean;
      /** Conditions */
      conditions: components["schemas"]["Condition"][];
    };
    /**
    * StandingPlan
    * @description A plan that was made without being asked for, as much of it as can still be done. `pressing`:
    *     a nurse is held up, and comes late to what follows.
    */
    StandingPlan: {
      /**
      * Date
      * Format: date
      */
      date: string;
      /** County */
      county: string;
      /** Visits */
      visits: number;
      /** Left Alone */
      left_alone: number;
      /** Travel Before Min */
      travel_before_min: number;
      /** Travel After Min */
      travel_after_min: number;
      /** Parts */
      parts: components["schemas"]["PlanPart"][];
      /** Changes */
      changes: components["schemas"]["PlanChange"][];
      /** Nobody */
      nobody: components["schemas"]["PlanVisit"][];
      travel: components["schemas"]["MeasureView"];
      /**
      * Planned At
      * Format: date-time
      */
      planned_at: string;
      /** Pressing */
      pressing: boolean;
    };
    /** Start */
    Start: {
      /**
      * Identity Confirmed
      * @constant
      */
      identity_confirmed: true;
      /**
      * At
      * Format: date-time
      */
      at: string;
      /** @default null */
      door_check?: components["schemas"]["DoorCheck"] | null;
    };
    /**
    * State
    * @description Whether a precondition is met, as far as anybody has said.
    * @enum {string}
    */
    State: "met" | "open" | "unmet";
    /**
    * Statistics
    * @description A nurse's own months, the first one first.
    */
    Statistics: {
      /** Items */
      items: components["schemas"]["MonthView"][];
      /** @default null */
      share: components["schemas"]["ShareView"] | null;
    };
    /**
    * Stop
    * @description One place of the route; `location` is null once the patient's data are erased.
    */
    Stop: {
      /**
      * Visit Id
      * Format: uuid
      */
      visit_id: string;
      /**
      * Order Id
      * Format: uuid
      */
      order_id: string;
      /** Seat */
      seat: number;
      state: components["schemas"]["VisitState"];
      /** Service Codes */
      service_codes: string[];
      /**
      * Planned Start
      * Format: date-time
      */
      planned_start: string;
      /**
      * Planned End
      * Format: date-time
      */
      planned_end: string;
      /** Departed At */
      departed_at: string | null;
      /** Arrived At */
      arrived_at: string | null;
      /** Started At */
      started_at: string | null;
      /** Ended At */
      ended_at: string | null;
      /** Travel S */
      travel_s: number;
      /** Distance M */
      distance_m: number;
      location: components["schemas"]["Place"] | null;
      /** Flags */
      flags: string[];
    };
    /**
    * Subscribe
    * @description As `PushSubscription.toJSON()` tells it. It takes the place of what this sign-in had.
    */
    Subscribe: {
      /** Endpoint */
      endpoint: string;
      keys: components["schemas"]["PushKeys"];
    };
    /**
    * Suggestion
    * @description What alarm signs speak for: `hospital`, a new `order` of these services, or an
    *     `adverse_event` of this kind. It is for a person to decide.
    */
    Suggestion: {
      /**
      * Kind
      * @enum {string}
      */
      kind: "hospital" | "order" | "adverse_event";
      /** Text */
      text: string;
      /** Service Codes */
      service_codes: string[];
      /** Event Kind */
      event_kind: string | null;
    };
    /** SuspendNurse */
    SuspendNurse: {
      /** Reason */
      reason: string;
    };
    /**
    * TellCase
    * @description For who has complained.
    */
    TellCase: {
      /** Text */
      text: string;
    };
    /**
    * TermView
    * @description A term of the log-odds: what it measures, and what one of that counts.
    */
    TermView: {
      /** Term */
      term: string;
      /** Measure */
      measure: string;
      /** Coefficient */
      coefficient: number;
    };
    /**
    * Time
    * @description The one clock of every deadline, and how fast it runs.
    */
    Time: {
      /**
      * Now
      * Format: date-time
      */
      now: string;
      /** Scale */
      scale: number;
    };
    /**
    * TimelineEvent
    * @description One step of the order, an offer or a visit. `by` is the role that took it.
    *
    *     `reason` is the sentence of `reason_code`, `note` what was said in words. A patient reads why an
    *     order was assessed, cancelled or broken off as it was; operators read all that was said.
    */
    TimelineEvent: {
      /**
      * At
      * Format: date-time
      */
      at: string;
      /** Subject */
      subject: string;
      /**
      * Subject Id
      * Format: uuid
      */
      subject_id: string;
      /** Move */
      move: string;
      /**
      * From State
      * @default null
      */
      from_state: string | null;
      /** State */
      state: string;
      by: components["schemas"]["Role"];
      /** By Text */
      by_text: string;
      /** Text */
      text: string;
      /**
      * Reason Code
      * @default null
      */
      reason_code: string | null;
      /**
      * Reason
      * @default null
      */
      reason: string | null;
      /**
      * Note
      * @default null
      */
      note: string | null;
      /**
      * Nurse Id
      * @default null
      */
      nurse_id: string | null;
    };
    /**
    * Title
    * @description Professional titles; `rank` rises from 0.
    * @enum {string}
    */
    Title: "hushi" | "hushi_shi" | "zhuguan" | "fuzhuren" | "zhuren";
    /** TokenPair */
    TokenPair: {
      /** Access Token */
      access_token: string;
      /** Refresh Token */
      refresh_token: string;
      /**
      * Token Type
      * @default Bearer
      * @constant
      */
      token_type: "Bearer";
      /** Expires In */
      expires_in: number;
      role: components["schemas"]["Role"];
      /**
      * Account Id
      * Format: uuid
      */
      account_id: string;
    };
    /**
    * Tracking
    * @description Where the nurse is; null until her phone has told. `distance_m` is to the door, straight.
    */
    Tracking: {
      /**
      * Visit Id
      * Format: uuid
      */
      visit_id: string;
      /** @default null */
      nurse_location: components["schemas"]["Place"] | null;
      /**
      * Recorded At
      * @default null
      */
      recorded_at: string | null;
      /**
      * Eta
      * @default null
      */
      eta: string | null;
      /**
      * Distance M
      * @default null
      */
      distance_m: number | null;
    };
    /** TradeCode */
    TradeCode: {
      /** Phone */
      phone: string;
      /** Code */
      code: string;
    };
    /**
    * TryDoor
    * @description `photo` is the id of an attachment of this visit.
    */
    TryDoor: {
      /**
      * At
      * Format: date-time
      */
      at: string;
      location: components["schemas"]["Place"];
      /**
      * Accuracy M
      * @default null
      */
      accuracy_m?: number | null;
      /**
      * Kind
      * @enum {string}
      */
      kind: "rang" | "knocked" | "called_patient" | "called_second";
      /**
      * Photo
      * @default null
      */
      photo?: string | null;
    };
    /**
    * Urgency
    * @enum {string}
    */
    Urgency: "routine" | "soon" | "urgent";
    /**
    * Verdict
    * @description Refused, or for a person to decide with a reason.
    * @enum {string}
    */
    Verdict: "deny" | "review";
    /**
    * VerdictView
    * @description `checked` rows of the log fit their chain; `checkpoints` of them are signed outside it.
    */
    VerdictView: {
      /** Ok */
      ok: boolean;
      /** Checked */
      checked: number;
      /** Checkpoints */
      checkpoints: number;
      /** Found */
      found: number;
      /** Faults */
      faults: components["schemas"]["FaultView"][];
    };
    /**
    * VerificationView
    * @description The six elements of a visit: service, patient, day, place, nurse, beginning and end.
    *
    *     `exceptions` name what was odd: where, when, or how it was reported.
    */
    VerificationView: {
      /**
      * Visit Id
      * Format: uuid
      */
      visit_id: string;
      /**
      * Order Id
      * Format: uuid
      */
      order_id: string;
      /**
      * State
      * @enum {string}
      */
      state: "completed" | "aborted";
      /** End Reason */
      end_reason: string | null;
      /** Service Codes */
      service_codes: string[];
      /** Service Names */
      service_names: string[];
      /**
      * Patient Id
      * Format: uuid
      */
      patient_id: string;
      /** Patient Name Masked */
      patient_name_masked: string | null;
      /** County */
      county: string;
      /** Institution Code */
      institution_code: string;
      /** Institution Name */
      institution_name: string;
      /** Staff No */
      staff_no: number;
      /** Nurse Name */
      nurse_name: string;
      /**
      * Planned Start
      * Format: date-time
      */
      planned_start: string;
      /**
      * Planned End
      * Format: date-time
      */
      planned_end: string;
      /** Started At */
      started_at: string | null;
      /**
      * Ended At
      * Format: date-time
      */
      ended_at: string;
      /** Minutes */
      minutes: number | null;
      check_in: components["schemas"]["MarkView"] | null;
      check_out: components["schemas"]["MarkView"] | null;
      /** Exceptions */
      exceptions: string[];
    };
    /**
    * Visit
    * @description `nurse` and `facts` are for operators; for its nurse `address` ends with the visit.
    *
    *     `confirmation`: whether the patient was asked if she is ready, and what she said. `end_text` is
    *     the sentence of `end_reason`. A visit that has ended is closed (`closed_at`) once
    *     its `waste` is received or excused; one that made none is closed with its end. `welfare`
    *     is null before she sets out.
    */
    Visit: {
      /**
      * Id
      * Format: uuid
      */
      id: string;
      /**
      * Order Id
      * Format: uuid
      */
      order_id: string;
      /** Round */
      round: number;
      /** Seat */
      seat: number;
      /** Seats */
      seats: number;
      state: components["schemas"]["VisitState"];
      /** Version */
      version: number;
      /** Moves */
      moves: components["schemas"]["MoveView"][];
      /** Service Codes */
      service_codes: string[];
      /** Materials */
      materials: string[];
      window: components["schemas"]["WindowView"];
      /**
      * Planned Start
      * Format: date-time
      */
      planned_start: string;
      /**
      * Planned End
      * Format: date-time
      */
      planned_end: string;
      /** Eta */
      eta: string | null;
      /** Departed At */
      departed_at: string | null;
      /** Arrived At */
      arrived_at: string | null;
      /** Started At */
      started_at: string | null;
      /** Ended At */
      ended_at: string | null;
      /** End Reason */
      end_reason: string | null;
      /** End Text */
      end_text: string | null;
      /** Distance M */
      distance_m: number;
      /** Travel S */
      travel_s: number;
      /** Pay Fen */
      pay_fen: number;
      patient: components["schemas"]["VisitPatient"];
      address: components["schemas"]["VisitAddress"] | null;
      /** Notes */
      notes: string | null;
      /** Record Fields */
      record_fields: components["schemas"]["RecordField"][];
      /** Least Min */
      least_min: number;
      /** Signature Required */
      signature_required: boolean;
      /** Flags */
      flags: string[];
      /** Conditions */
      conditions: string[];
      /** Conditions Text */
      conditions_text: string[];
      /** Signed */
      signed: boolean;
      confirmation: components["schemas"]["ConfirmationMark"] | null;
      waste: components["schemas"]["Waste"] | null;
      /** Closed At */
      closed_at: string | null;
      welfare: components["schemas"]["Welfare"] | null;
      /** Safety Flags */
      safety_flags: components["schemas"]["Standing"][];
      emergency: components["schemas"]["VisitEmergency"] | null;
      door: components["schemas"]["Door"] | null;
      nurse: components["schemas"]["NurseCard"] | null;
      /** Facts */
      facts: components["schemas"]["Fact"][] | null;
      /**
      * Created At
      * Format: date-time
      */
      created_at: string;
    };
    /** VisitAddress */
    VisitAddress: {
      /** Text */
      text: string;
      location: components["schemas"]["Place"];
      /** Access Notes */
      access_notes: string | null;
      /** Floor */
      floor: number | null;
      /** Has Lift */
      has_lift: boolean | null;
    };
    /**
    * VisitEmergency
    * @description While it is not released the record of the visit is locked.
    */
    VisitEmergency: {
      /**
      * Declared At
      * Format: date-time
      */
      declared_at: string;
      /** First Aid At */
      first_aid_at: string | null;
      /** Ambulance At */
      ambulance_at: string | null;
      /** Doctor At */
      doctor_at: string | null;
      /** Released At */
      released_at: string | null;
    };
    /**
    * VisitPatient
    * @description After the visit has ended, name and phone are null for its nurse. `second_contact` is whom to
    *     call when nobody opens: told while she is on her way or in the home.
    */
    VisitPatient: {
      /**
      * Id
      * Format: uuid
      */
      id: string;
      /** Name */
      name: string | null;
      /** Phone */
      phone: string | null;
      gender: components["schemas"]["Gender"];
      /** Age */
      age: number | null;
      /** Conditions */
      conditions: string[];
      /** Allergies */
      allergies: string[];
      second_contact: components["schemas"]["SecondContact"] | null;
    };
    /**
    * VisitState
    * @description What happens in the home.
    * @enum {string}
    */
    VisitState: "scheduled" | "en_route" | "arrived" | "in_service" | "completed" | "aborted" | "missed" | "cancelled" | "released";
    /**
    * Vocabulary
    * @description What orders and assessments may say: on what ground, how it may end, under which conditions,
    *     what services presuppose, who signs by what right, and what is not done at home; then the
    *     terms by which nurses are ranked.
    */
    Vocabulary: {
      /** Eligibility Bases */
      eligibility_bases: components["schemas"]["NamedWord"][];
      /** Outcomes */
      outcomes: components["schemas"]["NamedWord"][];
      /** Conditions */
      conditions: components["schemas"]["NamedWord"][];
      /** Preconditions */
      preconditions: components["schemas"]["NamedWord"][];
      /** Relations */
      relations: components["schemas"]["NamedWord"][];
      /** Authorities */
      authorities: components["schemas"]["NamedWord"][];
      /** Negative List */
      negative_list: components["schemas"]["NamedWord"][];
      /** Terms */
      terms: components["schemas"]["NamedWord"][];
    };
    /**
    * Waste
    * @description Medical waste of a visit. `state`: `out`, `late` (due and not back), `received`, `excused`.
    *
    *     The visit is closed with it.
    */
    Waste: {
      /**
      * Visit Id
      * Format: uuid
      */
      visit_id: string;
      /**
      * Order Id
      * Format: uuid
      */
      order_id: string;
      /**
      * Nurse Id
      * Format: uuid
      */
      nurse_id: string;
      /**
      * Institution Id
      * Format: uuid
      */
      institution_id: string;
      /**
      * State
      * @enum {string}
      */
      state: "out" | "late" | "received" | "excused";
      /** Version */
      version: number;
      /** Categories */
      categories: components["schemas"]["WasteCategory"][];
      /**
      * Due At
      * Format: date-time
      */
      due_at: string;
      /** Received By */
      received_by: string | null;
      /** Excuse */
      excuse: string | null;
      /** Excuse Text */
      excuse_text: string | null;
      /** Settled At */
      settled_at: string | null;
    };
    /**
    * WasteCategory
    * @description What came back of a category; null until it is received.
    */
    WasteCategory: {
      /** Category */
      category: string;
      /** Label */
      label: string;
      /** Containers */
      containers: number | null;
    };
    /**
    * WasteItem
    * @description `containers`: bags, or boxes of sharps.
    */
    WasteItem: {
      /**
      * Category
      * @enum {string}
      */
      category: "chemical" | "infectious" | "pathological" | "pharmaceutical" | "sharps";
      /** Containers */
      containers: number;
    };
    /**
    * WayOut
    * @description Something that could still help, when nobody was found.
    */
    WayOut: {
      /** Name */
      name: string;
      /** Text */
      text: string;
    };
    /**
    * Welfare
    * @description How it stands with a nurse who is out. `every_min`: in the home she is to check in so often,
    *     next until `due_at`; null: she is not asked to. `heard_at` is of her phone, `answered_at` of
    *     herself.
    */
    Welfare: {
      /** Every Min */
      every_min: number | null;
      /** Due At */
      due_at: string | null;
      /**
      * Heard At
      * Format: date-time
      */
      heard_at: string;
      /**
      * Answered At
      * Format: date-time
      */
      answered_at: string;
    };
    /** WhatIf */
    WhatIf: {
      /**
      * Nurse Id
      * Format: uuid
      */
      nurse_id: string;
    };
    /**
    * When
    * @description Before the procedure, after it, or at any time of the visit.
    * @enum {string}
    */
    When: "before" | "after" | "any";
    /**
    * Window
    * @description When a visit may start.
    */
    Window: {
      /**
      * Earliest
      * Format: date-time
      */
      earliest: string;
      /**
      * Latest
      * Format: date-time
      */
      latest: string;
    };
    /**
    * WindowView
    * @description When a visit may start, as answered.
    */
    WindowView: {
      /**
      * Earliest
      * Format: date-time
      */
      earliest: string;
      /**
      * Latest
      * Format: date-time
      */
      latest: string;
    };
    /**
    * WithdrawConsent
    * @description For what is to come; without a required one open orders are held and nobody is sent.
    */
    WithdrawConsent: {
      /** Purpose */
      purpose: string;
      /**
      * Reason
      * @default null
      */
      reason?: string | null;
    };
    /**
    * WorkloadReport
    * @description By month, staff number and institution; `fairness` is that of the whole time.
    */
    WorkloadReport: {
      /** Items */
      items: components["schemas"]["WorkloadView"][];
      /**
      * Next Cursor
      * @default null
      */
      next_cursor: string | null;
      fairness: components["schemas"]["FairnessView"];
    };
    /** WorkloadView */
    WorkloadView: {
      /** Month */
      month: string;
      /**
      * Institution Id
      * Format: uuid
      */
      institution_id: string;
      /** Institution Name */
      institution_name: string;
      /** Visits */
      visits: number;
      /** On Time */
      on_time: number;
      /** Minutes */
      minutes: number;
      /** Travel Min */
      travel_min: number;
      /** Distance M */
      distance_m: number;
      /** Income Fen */
      income_fen: number;
      /** Offers */
      offers: number;
      /** Accepted */
      accepted: number;
      /** Declined */
      declined: number;
      /** Expired */
      expired: number;
      /**
      * Nurse Id
      * Format: uuid
      */
      nurse_id: string;
      /** Staff No */
      staff_no: number;
      /** Nurse Name */
      nurse_name: string;
    };
    /**
    * WriteMessage
    * @description `client_id`, made on the phone, makes sending it again safe.
    */
    WriteMessage: {
      /** Text */
      text: string;
      /**
      * Client Id
      * Format: uuid
      */
      client_id: string;
    };
    /** WritePrescription */
    WritePrescription: {
      /**
      * Patient Id
      * Format: uuid
      */
      patient_id: string;
      /** Service Codes */
      service_codes: string[];
      /** Prescriber */
      prescriber: string;
      /** Institution */
      institution: string;
      /**
      * Issued On
      * Format: date
      */
      issued_on: string;
      /**
      * Valid Until
      * Format: date
      */
      valid_until: string;
      /** Items */
      items: components["schemas"]["PrescriptionItem"][];
    };
  };
  responses: never;
  parameters: never;
  requestBodies: never;
  headers: never;
  pathItems: never;
}
export type $defs = Record<string, never>;
export interface operations {
  system_browse: {
    parameters: {
      query?: never;
      header?: never;
      path?: never;
      cookie?: never;
    };
    requestBody?: never;
    responses: {
      /** @description OK */
      200: {
        headers: {
          [name: string]: unknown;
        };
        content: {
          "text/html": string;
        };
      };
    };
  };
  system_healthz: {
    parameters: {
      query?: never;
      header?: never;
      path?: never;
      cookie?: never;
    };
    requestBody?: never;
    responses: {
      /** @description OK */
      200: {
        headers: {
          [name: string]: unknown;
        };
        content: {
          "application/json": components["schemas"]["Health"];
        };
      };
    };
  };
  system_metrics: {
    parameters: {
      query?: never;
      header?: never;
      path?: never;
      cookie?: never;
    };
    requestBody?: never;
    responses: {
      /** @description OK */
      200: {
        headers: {
          [name: string]: unknown;
        };
        content: {
          "text/plain": string;
        };
      };
    };
  };
  system_openapi_document: {
    parameters: {
      query?: never;
      header?: never;
      path?: never;
      cookie?: never;
    };
    requestBody?: never;
    responses: {
      /** @description OK */
      200: {
        headers: {
          [name: string]: unknown;
        };
        content?: never;
      };
    };
  };
  system_list_problems: {
    parameters: {
      query?: {
        limit?: number;
        cursor?: string | null;
      };
      header?: never;
      path?: never;
      cookie?: never;
    };
    requestBody?: never;
    responses: {
      /** @description OK */
      200: {
        headers: {
          [name: string]: unknown;
        };
        content: {
          "application/json": components["schemas"]["Page_ProblemType_"];
        };
      };
    };
  };
  system_get_problem: {
    parameters: {
      query?: never;
      header?: never;
      path: {
        slug: string;
      };
      cookie?: never;
    };
    requestBody?: never;
    responses: {
      /** @description OK */
      200: {
        headers: {
          [name: string]: unknown;
        };
        content: {
          "application/json": components["schemas"]["ProblemType"];
        };
      };
    };
  };
  system_readyz: {
    parameters: {
      query?: never;
      header?: never;
      path?: never;
      cookie?: never;
    };
    requestBody?: never;
    responses: {
      /** @description OK */
      200: {
        headers: {
          [name: string]: unknown;
        };
        content: {
          "application/json": components["schemas"]["Ready"];
        };
      };
    };
  };
  audit_list_entries: {
    parameters: {
      query?: {
        limit?: number;
        cursor?: string | null;
        from?: string | null;
        to?: string | null;
        subject?: string | null;
      };
      header?: never;
      path?: never;
      cookie?: never;
    };
    requestBody?: never;
    responses: {
      /** @description OK */
      200: {
        headers: {
          [name: string]: unknown;
        };
        content: {
          "application/json": components["schemas"]["Page_EntryView_"];
        };
      };
    };
  };
  audit_verify: {
    parameters: {
      query?: never;
      header?: never;
      path?: never;
      cookie?: never;
    };
    requestBody?: never;
    responses: {
      /** @description OK */
      200: {
        headers: {
          [name: string]: unknown;
        };
        content: {
          "application/json": components["schemas"]["VerdictView"];
        };
      };
    };
  };
  auth_sign_out: {
    parameters: {
      query?: never;
      header?: never;
      path?: never;
      cookie?: never;
    };
    requestBody?: {
      content: {
        "application/json": components["schemas"]["Empty"];
      };
    };
    responses: {
      /** @description No Content */
      204: {
        headers: {
          [name: string]: unknown;
        };
        content?: never;
      };
    };
  };
  auth_ask_for_code: {
    parameters: {
      query?: never;
      header?: never;
      path?: never;
      cookie?: never;
    };
    requestBody: {
      content: {
        "application/json": components["schemas"]["AskForCode"];
      };
    };
    responses: {
      /** @description Accepted */
      202: {
        headers: {
          [name: string]: unknown;
        };
        content?: never;
      };
    };
  };
  auth_refresh: {
    parameters: {
      query?: never;
      header?: never;
      path?: never;
      cookie?: never;
    };
    requestBody: {
      content: {
        "application/json": components["schemas"]["Refresh"];
      };
    };
    responses: {
      /** @description OK */
      200: {
        headers: {
          [name: string]: unknown;
        };
        content: {
          "application/json": components["schemas"]["TokenPair"];
        };
      };
    };
  };
  auth_trade_code: {
    parameters: {
      query?: never;
      header?: never;
      path?: never;
      cookie?: never;
    };
    requestBody: {
      content: {
        "application/json": components["schemas"]["TradeCode"];
      };
    };
    responses: {
      /** @description OK */
      200: {
        headers: {
          [name: string]: unknown;
        };
        content: {
          "application/json": components["schemas"]["TokenPair"];
        };
      };
    };
  };
  bills_list_bills: {
    parameters: {
      query?: {
        limit?: number;
        cursor?: string | null;
        state?: components["schemas"]["BillState"] | null;
      };
      header?: never;
      path?: never;
      cookie?: never;
    };
    requestBody?: never;
    responses: {
      /** @description OK */
      200: {
        headers: {
          [name: string]: unknown;
        };
        content: {
          "application/json": components["schemas"]["Page_Bill_"];
        };
      };
    };
  };
  bills_get: {
    parameters: {
      query?: never;
      header?: never;
      path: {
        id: string;
      };
      cookie?: never;
    };
    requestBody?: never;
    responses: {
      /** @description OK */
      200: {
        headers: {
          [name: string]: unknown;
        };
        content: {
          "application/json": components["schemas"]["Bill"];
        };
      };
    };
  };
  bills_pay: {
    parameters: {
      query?: never;
      header?: never;
      path: {
        id: string;
      };
      cookie?: never;
    };
    requestBody?: {
      content: {
        "application/json": components["schemas"]["Empty"];
      };
    };
    responses: {
      /** @description OK */
      200: {
        headers: {
          [name: string]: unknown;
        };
        content: {
          "application/json": components["schemas"]["Bill"];
        };
      };
    };
  };
  cases_list_own: {
    parameters: {
      query?: {
        limit?: number;
        cursor?: string | null;
        kind?: components["schemas"]["CaseKind"] | null;
      };
      header?: never;
      path?: never;
      cookie?: never;
    };
    requestBody?: never;
    responses: {
      /** @description OK */
      200: {
        headers: {
          [name: string]: unknown;
        };
        content: {
          "application/json": components["schemas"]["Page_Case_"];
        };
      };
    };
  };
  cases_get: {
    parameters: {
      query?: never;
      header?: never;
      path: {
        id: string;
      };
      cookie?: never;
    };
    requestBody?: never;
    responses: {
      /** @description OK */
      200: {
        headers: {
          [name: string]: unknown;
        };
        content: {
          "application/json": components["schemas"]["Case"];
        };
      };
    };
  };
  cases_answer: {
    parameters: {
      query?: never;
      header?: never;
      path: {
        id: string;
      };
      cookie?: never;
    };
    requestBody?: {
      content: {
        "application/json": components["schemas"]["AnswerFollowUp"];
      };
    };
    responses: {
      /** @description OK */
      200: {
        headers: {
          [name: string]: unknown;
        };
        content: {
          "application/json": components["schemas"]["Case"];
        };
      };
    };
  };
  cases_dispute: {
    parameters: {
      query?: never;
      header?: never;
      path: {
        id: string;
      };
      cookie?: never;
    };
    requestBody: {
      content: {
        "application/json": components["schemas"]["DisputeCase"];
      };
    };
    responses: {
      /** @description OK */
      200: {
        headers: {
          [name: string]: unknown;
        };
        content: {
          "application/json": components["schemas"]["Case"];
        };
      };
    };
  };
  bills_accept_change: {
    parameters: {
      query?: never;
      header?: never;
      path: {
        id: string;
      };
      cookie?: never;
    };
    requestBody?: {
      content: {
        "application/json": components["schemas"]["Empty"];
      };
    };
    responses: {
      /** @description OK */
      200: {
        headers: {
          [name: string]: unknown;
        };
        content: {
          "application/json": components["schemas"]["ChangeOrder"];
        };
      };
    };
  };
  bills_refuse_change: {
    parameters: {
      query?: never;
      header?: never;
      path: {
        id: string;
      };
      cookie?: never;
    };
    requestBody?: {
      content: {
        "application/json": components["schemas"]["Empty"];
      };
    };
    responses: {
      /** @description OK */
      200: {
        headers: {
          [name: string]: unknown;
        };
        content: {
          "application/json": components["schemas"]["ChangeOrder"];
        };
      };
    };
  };
  catalogue_list_consents: {
    parameters: {
      query: {
        limit?: number;
        cursor?: string | null;
        service_codes: string[];
      };
      header?: never;
      path?: never;
      cookie?: never;
    };
    requestBody?: never;
    responses: {
      /** @description OK */
      200: {
        headers: {
          [name: string]: unknown;
        };
        content: {
          "application/json": components["schemas"]["Page_ConsentText_"];
        };
      };
    };
  };
  consents_list_purposes: {
    parameters: {
      query?: never;
      header?: never;
      path?: never;
      cookie?: never;
    };
    requestBody?: never;
    responses: {
      /** @description OK */
      200: {
        headers: {
          [name: string]: unknown;
        };
        content: {
          "application/json": components["schemas"]["PurposeTexts"];
        };
      };
    };
  };
  flags_appeal: {
    parameters: {
      query?: never;
      header?: never;
      path: {
        id: string;
      };
      cookie?: never;
    };
    requestBody: {
      content: {
        "application/json": components["schemas"]["AppealFlag"];
      };
    };
    responses: {
      /** @description OK */
      200: {
        headers: {
          [name: string]: unknown;
        };
        content: {
          "application/json": components["schemas"]["Flag"];
        };
      };
    };
  };
  catalogue_list_institutions: {
    parameters: {
      query?: {
        limit?: number;
        cursor?: string | null;
      };
      header?: never;
      path?: never;
      cookie?: never;
    };
    requestBody?: never;
    responses: {
      /** @description OK */
      200: {
        headers: {
          [name: string]: unknown;
        };
        content: {
          "application/json": components["schemas"]["Page_InstitutionView_"];
        };
      };
    };
  };
  auth_get_me: {
    parameters: {
      query?: never;
      header?: never;
      path?: never;
      cookie?: never;
    };
    requestBody?: never;
    responses: {
      /** @description OK */
      200: {
        headers: {
          [name: string]: unknown;
        };
        content: {
          "application/json": components["schemas"]["Me"];
        };
      };
    };
  };
  duty_set_availability: {
    parameters: {
      query?: never;
      header?: never;
      path?: never;
      cookie?: never;
    };
    requestBody: {
      content: {
        "application/json": components["schemas"]["SetAvailability"];
      };
    };
    responses: {
      /** @description OK */
      200: {
        headers: {
          [name: string]: unknown;
        };
        content: {
          "application/json": components["schemas"]["NurseProfile"];
        };
      };
    };
  };
  calendar_make: {
    parameters: {
      query?: never;
      header?: never;
      path?: never;
      cookie?: never;
    };
    requestBody?: {
      content: {
        "application/json": components["schemas"]["Empty"];
      };
    };
    responses: {
      /** @description OK */
      200: {
        headers: {
          [name: string]: unknown;
        };
        content: {
          "application/json": components["schemas"]["CalendarLink"];
        };
      };
    };
  };
  calendar_end: {
    parameters: {
      query?: never;
      header?: never;
      path?: never;
      cookie?: never;
    };
    requestBody?: never;
    responses: {
      /** @description No Content */
      204: {
        headers: {
          [name: string]: unknown;
        };
        content?: never;
      };
    };
  };
  calendar_get: {
    parameters: {
      query: {
        token: string;
      };
      header?: never;
      path?: never;
      cookie?: never;
    };
    requestBody?: never;
    responses: {
      /** @description OK */
      200: {
        headers: {
          [name: string]: unknown;
        };
        content: {
          "text/calendar": string;
        };
      };
    };
  };
  nurse_decisions_list_own: {
    parameters: {
      query?: {
        limit?: number;
        cursor?: string | null;
      };
      header?: never;
      path?: never;
      cookie?: never;
    };
    requestBody?: never;
    responses: {
      /** @description OK */
      200: {
        headers: {
          [name: string]: unknown;
        };
        content: {
          "application/json": components["schemas"]["Page_NurseDecision_"];
        };
      };
    };
  };
  faces_list_own: {
    parameters: {
      query?: {
        limit?: number;
        cursor?: string | null;
      };
      header?: never;
      path?: never;
      cookie?: never;
    };
    requestBody?: never;
    responses: {
      /** @description OK */
      200: {
        headers: {
          [name: string]: unknown;
        };
        content: {
          "application/json": components["schemas"]["Page_FaceChecked_"];
        };
      };
    };
  };
  faces_ask: {
    parameters: {
      query?: never;
      header?: never;
      path?: never;
      cookie?: never;
    };
    requestBody: {
      content: {
        "application/json": components["schemas"]["AskFace"];
      };
    };
    responses: {
      /** @description Accepted */
      202: {
        headers: {
          [name: string]: unknown;
        };
        content: {
          "application/json": components["schemas"]["FaceChecked"];
        };
      };
    };
  };
  safety_tell_alive: {
    parameters: {
      query?: never;
      header?: never;
      path?: never;
      cookie?: never;
    };
    requestBody?: {
      content: {
        "application/json": components["schemas"]["Empty"];
      };
    };
    responses: {
      /** @description OK */
      200: {
        headers: {
          [name: string]: unknown;
        };
        content: {
          "application/json": components["schemas"]["Heard"];
        };
      };
    };
  };
  offers_list_open: {
    parameters: {
      query?: {
        limit?: number;
        cursor?: string | null;
      };
      header?: never;
      path?: never;
      cookie?: never;
    };
    requestBody?: never;
    responses: {
      /** @description OK */
      200: {
        headers: {
          [name: string]: unknown;
        };
        content: {
          "application/json": components["schemas"]["Page_Offer_"];
        };
      };
    };
  };
  policies_list_own: {
    parameters: {
      query?: {
        limit?: number;
        cursor?: string | null;
      };
      header?: never;
      path?: never;
      cookie?: never;
    };
    requestBody?: never;
    responses: {
      /** @description OK */
      200: {
        headers: {
          [name: string]: unknown;
        };
        content: {
          "application/json": components["schemas"]["Page_PolicyView_"];
        };
      };
    };
  };
  policies_acknowledge: {
    parameters: {
      query?: never;
      header?: never;
      path: {
        policy: string;
      };
      cookie?: never;
    };
    requestBody: {
      content: {
        "application/json": components["schemas"]["AcknowledgePolicy"];
      };
    };
    responses: {
      /** @description OK */
      200: {
        headers: {
          [name: string]: unknown;
        };
        content: {
          "application/json": components["schemas"]["PolicyView"];
        };
      };
    };
  };
  visits_report: {
    parameters: {
      query?: never;
      header?: never;
      path?: never;
      cookie?: never;
    };
    requestBody: {
      content: {
        "application/json": components["schemas"]["ReportPositions"];
      };
    };
    responses: {
      /** @description Accepted */
      202: {
        headers: {
          [name: string]: unknown;
        };
        content: {
          "application/json": components["schemas"]["PositionsTaken"];
        };
      };
    };
  };
  duty_get_profile: {
    parameters: {
      query?: never;
      header?: never;
      path?: never;
      cookie?: never;
    };
    requestBody?: never;
    responses: {
      /** @description OK */
      200: {
        headers: {
          [name: string]: unknown;
        };
        content: {
          "application/json": components["schemas"]["NurseProfile"];
        };
      };
    };
  };
  duty_change_profile: {
    parameters: {
      query?: never;
      header?: never;
      path?: never;
      cookie?: never;
    };
    requestBody?: {
      content: {
        "application/json": components["schemas"]["ChangeProfile"];
      };
    };
    responses: {
      /** @description OK */
      200: {
        headers: {
          [name: string]: unknown;
        };
        content: {
          "application/json": components["schemas"]["NurseProfile"];
        };
      };
    };
  };
  safety_set_codes: {
    parameters: {
      query?: never;
      header?: never;
      path?: never;
      cookie?: never;
    };
    requestBody: {
      content: {
        "application/json": components["schemas"]["SetCodes"];
      };
    };
    responses: {
      /** @description OK */
      200: {
        headers: {
          [name: string]: unknown;
        };
        content: {
          "application/json": components["schemas"]["CodesSet"];
        };
      };
    };
  };
  duty_list_shifts: {
    parameters: {
      query?: {
        limit?: number;
        cursor?: string | null;
      };
      header?: never;
      path?: never;
      cookie?: never;
    };
    requestBody?: never;
    responses: {
      /** @description OK */
      200: {
        headers: {
          [name: string]: unknown;
        };
        content: {
          "application/json": components["schemas"]["Page_ShiftView_"];
        };
      };
    };
  };
  duty_replace_shifts: {
    parameters: {
      query?: never;
      header?: never;
      path?: never;
      cookie?: never;
    };
    requestBody: {
      content: {
        "application/json": components["schemas"]["Shifts"];
      };
    };
    responses: {
      /** @description OK */
      200: {
        headers: {
          [name: string]: unknown;
        };
        content: {
          "application/json": components["schemas"]["Page_ShiftView_"];
        };
      };
    };
  };
  workloads_own: {
    parameters: {
      query: {
        from: string;
        to: string;
      };
      header?: never;
      path?: never;
      cookie?: never;
    };
    requestBody?: never;
    responses: {
      /** @description OK */
      200: {
        headers: {
          [name: string]: unknown;
        };
        content: {
          "application/json": components["schemas"]["Statistics"];
        };
      };
    };
  };
  visits_list_own: {
    parameters: {
      query?: {
        limit?: number;
        cursor?: string | null;
        from?: string | null;
        to?: string | null;
      };
      header?: never;
      path?: never;
      cookie?: never;
    };
    requestBody?: never;
    responses: {
      /** @description OK */
      200: {
        headers: {
          [name: string]: unknown;
        };
        content: {
          "application/json": components["schemas"]["Page_Visit_"];
        };
      };
    };
  };
  offers_accept: {
    parameters: {
      query?: never;
      header?: never;
      path: {
        id: string;
      };
      cookie?: never;
    };
    requestBody?: {
      content: {
        "application/json": components["schemas"]["Empty"];
      };
    };
    responses: {
      /** @description OK */
      200: {
        headers: {
          [name: string]: unknown;
        };
        content: {
          "application/json": components["schemas"]["Accepted"];
        };
      };
    };
  };
  offers_decline: {
    parameters: {
      query?: never;
      header?: never;
      path: {
        id: string;
      };
      cookie?: never;
    };
    requestBody: {
      content: {
        "application/json": components["schemas"]["DeclineOffer"];
      };
    };
    responses: {
      /** @description OK */
      200: {
        headers: {
          [name: string]: unknown;
        };
        content: {
          "application/json": components["schemas"]["Offer"];
        };
      };
    };
  };
  alarms_list_alarms: {
    parameters: {
      query?: {
        limit?: number;
        cursor?: string | null;
        state?: components["schemas"]["AlarmState"] | null;
      };
      header?: never;
      path?: never;
      cookie?: never;
    };
    requestBody?: never;
    responses: {
      /** @description OK */
      200: {
        headers: {
          [name: string]: unknown;
        };
        content: {
          "application/json": components["schemas"]["Page_Alarm_"];
        };
      };
    };
  };
  alarms_acknowledge: {
    parameters: {
      query?: never;
      header?: never;
      path: {
        id: string;
      };
      cookie?: never;
    };
    requestBody?: {
      content: {
        "application/json": components["schemas"]["Empty"];
      };
    };
    responses: {
      /** @description OK */
      200: {
        headers: {
          [name: string]: unknown;
        };
        content: {
          "application/json": components["schemas"]["Alarm"];
        };
      };
    };
  };
  alarms_resolve: {
    parameters: {
      query?: never;
      header?: never;
      path: {
        id: string;
      };
      cookie?: never;
    };
    requestBody: {
      content: {
        "application/json": components["schemas"]["ResolveAlarm"];
      };
    };
    responses: {
      /** @description OK */
      200: {
        headers: {
          [name: string]: unknown;
        };
        content: {
          "application/json": components["schemas"]["Alarm"];
        };
      };
    };
  };
  assessments_list_waiting: {
    parameters: {
      query?: {
        limit?: number;
        cursor?: string | null;
        county?: string | null;
      };
      header?: never;
      path?: never;
      cookie?: never;
    };
    requestBody?: never;
    responses: {
      /** @description OK */
      200: {
        headers: {
          [name: string]: unknown;
        };
        content: {
          "application/json": components["schemas"]["Page_Order_"];
        };
      };
    };
  };
  ops_batches_list_newest: {
    parameters: {
      query?: {
        limit?: number;
        cursor?: string | null;
      };
      header?: never;
      path?: never;
      cookie?: never;
    };
    requestBody?: never;
    responses: {
      /** @description OK */
      200: {
        headers: {
          [name: string]: unknown;
        };
        content: {
          "application/json": components["schemas"]["Page_Batch_"];
        };
      };
    };
  };
  ops_bills_list_bills: {
    parameters: {
      query?: {
        limit?: number;
        cursor?: string | null;
        state?: components["schemas"]["BillState"] | null;
      };
      header?: never;
      path?: never;
      cookie?: never;
    };
    requestBody?: never;
    responses: {
      /** @description OK */
      200: {
        headers: {
          [name: string]: unknown;
        };
        content: {
          "application/json": components["schemas"]["Page_Bill_"];
        };
      };
    };
  };
  ops_bills_credit: {
    parameters: {
      query?: never;
      header?: never;
      path: {
        id: string;
      };
      cookie?: never;
    };
    requestBody: {
      content: {
        "application/json": components["schemas"]["CreditBill"];
      };
    };
    responses: {
      /** @description OK */
      200: {
        headers: {
          [name: string]: unknown;
        };
        content: {
          "application/json": components["schemas"]["Bill"];
        };
      };
    };
  };
  ops_bills_decide: {
    parameters: {
      query?: never;
      header?: never;
      path: {
        id: string;
        line_id: string;
      };
      cookie?: never;
    };
    requestBody: {
      content: {
        "application/json": components["schemas"]["DecidePayer"];
      };
    };
    responses: {
      /** @description OK */
      200: {
        headers: {
          [name: string]: unknown;
        };
        content: {
          "application/json": components["schemas"]["Bill"];
        };
      };
    };
  };
  ops_board_show: {
    parameters: {
      query?: never;
      header?: never;
      path?: never;
      cookie?: never;
    };
    requestBody?: never;
    responses: {
      /** @description OK */
      200: {
        headers: {
          [name: string]: unknown;
        };
        content: {
          "application/json": components["schemas"]["Board"];
        };
      };
    };
  };
  ops_cases_list_cases: {
    parameters: {
      query?: {
        limit?: number;
        cursor?: string | null;
        kind?: components["schemas"]["CaseKind"] | null;
        state?: "open" | "late" | "settled";
        severity?: components["schemas"]["Severity"] | null;
      };
      header?: never;
      path?: never;
      cookie?: never;
    };
    requestBody?: never;
    responses: {
      /** @description OK */
      200: {
        headers: {
          [name: string]: unknown;
        };
        content: {
          "application/json": components["schemas"]["Page_Case_"];
        };
      };
    };
  };
  ops_cases_get: {
    parameters: {
      query?: never;
      header?: never;
      path: {
        id: string;
      };
      cookie?: never;
    };
    requestBody?: never;
    responses: {
      /** @description OK */
      200: {
        headers: {
          [name: string]: unknown;
        };
        content: {
          "application/json": components["schemas"]["Case"];
        };
      };
    };
  };
  ops_cases_lift_hold: {
    parameters: {
      query?: never;
      header?: never;
      path: {
        id: string;
      };
      cookie?: never;
    };
    requestBody: {
      content: {
        "application/json": components["schemas"]["LiftHold"];
      };
    };
    responses: {
      /** @description OK */
      200: {
        headers: {
          [name: string]: unknown;
        };
        content: {
          "application/json": components["schemas"]["Case"];
        };
      };
    };
  };
  ops_cases_settle: {
    parameters: {
      query?: never;
      header?: never;
      path: {
        id: string;
      };
      cookie?: never;
    };
    requestBody: {
      content: {
        "application/json": components["schemas"]["SettleCase"];
      };
    };
    responses: {
      /** @description OK */
      200: {
        headers: {
          [name: string]: unknown;
        };
        content: {
          "application/json": components["schemas"]["Case"];
        };
      };
    };
  };
  ops_cases_take_up: {
    parameters: {
      query?: never;
      header?: never;
      path: {
        id: string;
      };
      cookie?: never;
    };
    requestBody?: {
      content: {
        "application/json": components["schemas"]["Empty"];
      };
    };
    responses: {
      /** @description OK */
      200: {
        headers: {
          [name: string]: unknown;
        };
        content: {
          "application/json": components["schemas"]["Case"];
        };
      };
    };
  };
  ops_cases_tell: {
    parameters: {
      query?: never;
      header?: never;
      path: {
        id: string;
      };
      cookie?: never;
    };
    requestBody: {
      content: {
        "application/json": components["schemas"]["TellCase"];
      };
    };
    responses: {
      /** @description OK */
      200: {
        headers: {
          [name: string]: unknown;
        };
        content: {
          "application/json": components["schemas"]["Case"];
        };
      };
    };
  };
  ops_console_list_days: {
    parameters: {
      query?: {
        limit?: number;
        cursor?: string | null;
        date?: string | null;
        q?: string | null;
      };
      header?: never;
      path?: never;
      cookie?: never;
    };
    requestBody?: never;
    responses: {
      /** @description OK */
      200: {
        headers: {
          [name: string]: unknown;
        };
        content: {
          "application/json": components["schemas"]["Page_Lane_"];
        };
      };
    };
  };
  safety_list_emergencies: {
    parameters: {
      query?: {
        limit?: number;
        cursor?: string | null;
        released?: boolean;
      };
      header?: never;
      path?: never;
      cookie?: never;
    };
    requestBody?: never;
    responses: {
      /** @description OK */
      200: {
        headers: {
          [name: string]: unknown;
        };
        content: {
          "application/json": components["schemas"]["Page_EmergencyReport_"];
        };
      };
    };
  };
  flags_list_all: {
    parameters: {
      query?: {
        limit?: number;
        cursor?: string | null;
        state?: components["schemas"]["FlagState"] | null;
      };
      header?: never;
      path?: never;
      cookie?: never;
    };
    requestBody?: never;
    responses: {
      /** @description OK */
      200: {
        headers: {
          [name: string]: unknown;
        };
        content: {
          "application/json": components["schemas"]["Page_Flag_"];
        };
      };
    };
  };
  flags_confirm: {
    parameters: {
      query?: never;
      header?: never;
      path: {
        id: string;
      };
      cookie?: never;
    };
    requestBody: {
      content: {
        "application/json": components["schemas"]["ConfirmFlag"];
      };
    };
    responses: {
      /** @description OK */
      200: {
        headers: {
          [name: string]: unknown;
        };
        content: {
          "application/json": components["schemas"]["Flag"];
        };
      };
    };
  };
  flags_reject: {
    parameters: {
      query?: never;
      header?: never;
      path: {
        id: string;
      };
      cookie?: never;
    };
    requestBody: {
      content: {
        "application/json": components["schemas"]["RejectFlag"];
      };
    };
    responses: {
      /** @description OK */
      200: {
        headers: {
          [name: string]: unknown;
        };
        content: {
          "application/json": components["schemas"]["Flag"];
        };
      };
    };
  };
  institutions_list_institutions: {
    parameters: {
      query?: {
        limit?: number;
        cursor?: string | null;
      };
      header?: never;
      path?: never;
      cookie?: never;
    };
    requestBody?: never;
    responses: {
      /** @description OK */
      200: {
        headers: {
          [name: string]: unknown;
        };
        content: {
          "application/json": components["schemas"]["Page_RegisteredInstitution_"];
        };
      };
    };
  };
  institutions_register: {
    parameters: {
      query?: never;
      header?: never;
      path?: never;
      cookie?: never;
    };
    requestBody: {
      content: {
        "application/json": components["schemas"]["RegisterInstitution"];
      };
    };
    responses: {
      /** @description Created */
      201: {
        headers: {
          [name: string]: unknown;
        };
        content: {
          "application/json": components["schemas"]["RegisteredInstitution"];
        };
      };
    };
  };
  institutions_change: {
    parameters: {
      query?: never;
      header?: never;
      path: {
        id: string;
      };
      cookie?: never;
    };
    requestBody?: {
      content: {
        "application/json": components["schemas"]["ChangeInstitution"];
      };
    };
    responses: {
      /** @description OK */
      200: {
        headers: {
          [name: string]: unknown;
        };
        content: {
          "application/json": components["schemas"]["RegisteredInstitution"];
        };
      };
    };
  };
  ops_bills_tell_ledger: {
    parameters: {
      query: {
        from: string;
        to: string;
      };
      header?: never;
      path?: never;
      cookie?: never;
    };
    requestBody?: never;
    responses: {
      /** @description OK */
      200: {
        headers: {
          [name: string]: unknown;
        };
        content: {
          "application/json": components["schemas"]["Page_LedgerTotal_"];
        };
      };
    };
  };
  ops_console_show_map: {
    parameters: {
      query?: never;
      header?: never;
      path?: never;
      cookie?: never;
    };
    requestBody?: never;
    responses: {
      /** @description OK */
      200: {
        headers: {
          [name: string]: unknown;
        };
        content: {
          "application/json": components["schemas"]["OpsMap"];
        };
      };
    };
  };
  ops_models_show_models: {
    parameters: {
      query?: never;
      header?: never;
      path?: never;
      cookie?: never;
    };
    requestBody?: never;
    responses: {
      /** @description OK */
      200: {
        headers: {
          [name: string]: unknown;
        };
        content: {
          "application/json": components["schemas"]["Models"];
        };
      };
    };
  };
  ops_nurses_list_nurses: {
    parameters: {
      query?: {
        limit?: number;
        cursor?: string | null;
        q?: string | null;
        institution_id?: string | null;
        state?: components["schemas"]["NurseState"] | null;
      };
      header?: never;
      path?: never;
      cookie?: never;
    };
    requestBody?: never;
    responses: {
      /** @description OK */
      200: {
        headers: {
          [name: string]: unknown;
        };
        content: {
          "application/json": components["schemas"]["Page_NurseView_"];
        };
      };
    };
  };
  ops_nurses_register: {
    parameters: {
      query?: never;
      header?: never;
      path?: never;
      cookie?: never;
    };
    requestBody: {
      content: {
        "application/json": components["schemas"]["RegisterNurse"];
      };
    };
    responses: {
      /** @description Created */
      201: {
        headers: {
          [name: string]: unknown;
        };
        content: {
          "application/json": components["schemas"]["NurseDetail"];
        };
      };
    };
  };
  ops_nurses_import_file: {
    parameters: {
      query?: never;
      header?: never;
      path?: never;
      cookie?: never;
    };
    requestBody: {
      content: {
        "text/csv": string;
      };
    };
    responses: {
      /** @description Created */
      201: {
        headers: {
          [name: string]: unknown;
        };
        content: {
          "application/json": components["schemas"]["Imported"];
        };
      };
    };
  };
  ops_nurses_get: {
    parameters: {
      query?: never;
      header?: never;
      path: {
        id: string;
      };
      cookie?: never;
    };
    requestBody?: never;
    responses: {
      /** @description OK */
      200: {
        headers: {
          [name: string]: unknown;
        };
        content: {
          "application/json": components["schemas"]["NurseDetail"];
        };
      };
    };
  };
  ops_nurses_change: {
    parameters: {
      query?: never;
      header?: never;
      path: {
        id: string;
      };
      cookie?: never;
    };
    requestBody?: {
      content: {
        "application/json": components["schemas"]["ChangeNurse"];
      };
    };
    responses: {
      /** @description OK */
      200: {
        headers: {
          [name: string]: unknown;
        };
        content: {
          "application/json": components["schemas"]["NurseDetail"];
        };
      };
    };
  };
  faces_confirm: {
    parameters: {
      query?: never;
      header?: never;
      path: {
        id: string;
      };
      cookie?: never;
    };
    requestBody: {
      content: {
        "application/json": components["schemas"]["ConfirmFace"];
      };
    };
    responses: {
      /** @description Created */
      201: {
        headers: {
          [name: string]: unknown;
        };
        content: {
          "application/json": components["schemas"]["FaceChecked"];
        };
      };
    };
  };
  ops_nurses_confirm_registration: {
    parameters: {
      query?: never;
      header?: never;
      path: {
        id: string;
      };
      cookie?: never;
    };
    requestBody: {
      content: {
        "application/json": components["schemas"]["ConfirmRegistration"];
      };
    };
    responses: {
      /** @description OK */
      200: {
        headers: {
          [name: string]: unknown;
        };
        content: {
          "application/json": components["schemas"]["NurseDetail"];
        };
      };
    };
  };
  ops_board_show_day: {
    parameters: {
      query?: {
        date?: string | null;
      };
      header?: never;
      path: {
        id: string;
      };
      cookie?: never;
    };
    requestBody?: never;
    responses: {
      /** @description OK */
      200: {
        headers: {
          [name: string]: unknown;
        };
        content: {
          "application/json": components["schemas"]["NurseDay"];
        };
      };
    };
  };
  policies_list_of_nurse: {
    parameters: {
      query?: {
        limit?: number;
        cursor?: string | null;
      };
      header?: never;
      path: {
        id: string;
      };
      cookie?: never;
    };
    requestBody?: never;
    responses: {
      /** @description OK */
      200: {
        headers: {
          [name: string]: unknown;
        };
        content: {
          "application/json": components["schemas"]["Page_PolicyView_"];
        };
      };
    };
  };
  ops_nurses_reinstate: {
    parameters: {
      query?: never;
      header?: never;
      path: {
        id: string;
      };
      cookie?: never;
    };
    requestBody?: {
      content: {
        "application/json": components["schemas"]["Empty"];
      };
    };
    responses: {
      /** @description OK */
      200: {
        headers: {
          [name: string]: unknown;
        };
        content: {
          "application/json": components["schemas"]["NurseDetail"];
        };
      };
    };
  };
  ops_nurses_suspend: {
    parameters: {
      query?: never;
      header?: never;
      path: {
        id: string;
      };
      cookie?: never;
    };
    requestBody: {
      content: {
        "application/json": components["schemas"]["SuspendNurse"];
      };
    };
    responses: {
      /** @description OK */
      200: {
        headers: {
          [name: string]: unknown;
        };
        content: {
          "application/json": components["schemas"]["NurseDetail"];
        };
      };
    };
  };
  ops_desk_list_orders: {
    parameters: {
      query?: {
        limit?: number;
        cursor?: string | null;
        state?: components["schemas"]["OrderState"] | null;
        county?: string | null;
        q?: string | null;
      };
      header?: never;
      path?: never;
      cookie?: never;
    };
    requestBody?: never;
    responses: {
      /** @description OK */
      200: {
        headers: {
          [name: string]: unknown;
        };
        content: {
          "application/json": components["schemas"]["Page_Order_"];
        };
      };
    };
  };
  ops_desk_place: {
    parameters: {
      query?: never;
      header?: never;
      path?: never;
      cookie?: never;
    };
    requestBody: {
      content: {
        "application/json": components["schemas"]["PlaceOrderFor"];
      };
    };
    responses: {
      /** @description Created */
      201: {
        headers: {
          [name: string]: unknown;
        };
        content: {
          "application/json": components["schemas"]["OpsOrder"];
        };
      };
    };
  };
  ops_desk_get: {
    parameters: {
      query?: never;
      header?: never;
      path: {
        id: string;
      };
      cookie?: never;
    };
    requestBody?: never;
    responses: {
      /** @description OK */
      200: {
        headers: {
          [name: string]: unknown;
        };
        content: {
          "application/json": components["schemas"]["OpsOrder"];
        };
      };
    };
  };
  ops_orders_assess: {
    parameters: {
      query?: never;
      header?: never;
      path: {
        id: string;
      };
      cookie?: never;
    };
    requestBody: {
      content: {
        "application/json": components["schemas"]["AssessOrder"];
      };
    };
    responses: {
      /** @description OK */
      200: {
        headers: {
          [name: string]: unknown;
        };
        content: {
          "application/json": components["schemas"]["OpsOrder"];
        };
      };
    };
  };
  assessments_list_of_order: {
    parameters: {
      query?: never;
      header?: never;
      path: {
        id: string;
      };
      cookie?: never;
    };
    requestBody?: never;
    responses: {
      /** @description OK */
      200: {
        headers: {
          [name: string]: unknown;
        };
        content: {
          "application/json": components["schemas"]["Assessments"];
        };
      };
    };
  };
  ops_orders_assign: {
    parameters: {
      query?: never;
      header?: never;
      path: {
        id: string;
      };
      cookie?: never;
    };
    requestBody: {
      content: {
        "application/json": components["schemas"]["AssignOrder"];
      };
    };
    responses: {
      /** @description OK */
      200: {
        headers: {
          [name: string]: unknown;
        };
        content: {
          "application/json": components["schemas"]["OpsOrder"];
        };
      };
    };
  };
  ops_batches_list_of_order: {
    parameters: {
      query?: {
        limit?: number;
        cursor?: string | null;
      };
      header?: never;
      path: {
        id: string;
      };
      cookie?: never;
    };
    requestBody?: never;
    responses: {
      /** @description OK */
      200: {
        headers: {
          [name: string]: unknown;
        };
        content: {
          "application/json": components["schemas"]["Page_BatchProof_"];
        };
      };
    };
  };
  ops_bills_get_of_order: {
    parameters: {
      query?: never;
      header?: never;
      path: {
        id: string;
      };
      cookie?: never;
    };
    requestBody?: never;
    responses: {
      /** @description OK */
      200: {
        headers: {
          [name: string]: unknown;
        };
        content: {
          "application/json": components["schemas"]["Bill"];
        };
      };
    };
  };
  ops_desk_cancel: {
    parameters: {
      query?: never;
      header?: never;
      path: {
        id: string;
      };
      cookie?: never;
    };
    requestBody: {
      content: {
        "application/json": components["schemas"]["CancelOrder"];
      };
    };
    responses: {
      /** @description OK */
      200: {
        headers: {
          [name: string]: unknown;
        };
        content: {
          "application/json": components["schemas"]["OpsOrder"];
        };
      };
    };
  };
  ops_orders_list_candidates: {
    parameters: {
      query?: {
        limit?: number;
        cursor?: string | null;
      };
      header?: never;
      path: {
        id: string;
      };
      cookie?: never;
    };
    requestBody?: never;
    responses: {
      /** @description OK */
      200: {
        headers: {
          [name: string]: unknown;
        };
        content: {
          "application/json": components["schemas"]["Candidates"];
        };
      };
    };
  };
  ops_orders_hold: {
    parameters: {
      query?: never;
      header?: never;
      path: {
        id: string;
      };
      cookie?: never;
    };
    requestBody?: {
      content: {
        "application/json": components["schemas"]["Reasoned"];
      };
    };
    responses: {
      /** @description OK */
      200: {
        headers: {
          [name: string]: unknown;
        };
        content: {
          "application/json": components["schemas"]["OpsOrder"];
        };
      };
    };
  };
  ops_orders_redispatch: {
    parameters: {
      query?: never;
      header?: never;
      path: {
        id: string;
      };
      cookie?: never;
    };
    requestBody: {
      content: {
        "application/json": components["schemas"]["Redispatch"];
      };
    };
    responses: {
      /** @description OK */
      200: {
        headers: {
          [name: string]: unknown;
        };
        content: {
          "application/json": components["schemas"]["OpsOrder"];
        };
      };
    };
  };
  ops_orders_reopen: {
    parameters: {
      query?: never;
      header?: never;
      path: {
        id: string;
      };
      cookie?: never;
    };
    requestBody?: {
      content: {
        "application/json": components["schemas"]["Reasoned"];
      };
    };
    responses: {
      /** @description OK */
      200: {
        headers: {
          [name: string]: unknown;
        };
        content: {
          "application/json": components["schemas"]["OpsOrder"];
        };
      };
    };
  };
  ops_desk_tell_timeline: {
    parameters: {
      query?: {
        limit?: number;
        cursor?: string | null;
      };
      header?: never;
      path: {
        id: string;
      };
      cookie?: never;
    };
    requestBody?: never;
    responses: {
      /** @description OK */
      200: {
        headers: {
          [name: string]: unknown;
        };
        content: {
          "application/json": components["schemas"]["Page_TimelineEvent_"];
        };
      };
    };
  };
  ops_bills_list_coverages: {
    parameters: {
      query?: {
        limit?: number;
        cursor?: string | null;
      };
      header?: never;
      path: {
        id: string;
      };
      cookie?: never;
    };
    requestBody?: never;
    responses: {
      /** @description OK */
      200: {
        headers: {
          [name: string]: unknown;
        };
        content: {
          "application/json": components["schemas"]["Page_Coverage_"];
        };
      };
    };
  };
  ops_bills_cover: {
    parameters: {
      query?: never;
      header?: never;
      path: {
        id: string;
      };
      cookie?: never;
    };
    requestBody: {
      content: {
        "application/json": components["schemas"]["CoverPatient"];
      };
    };
    responses: {
      /** @description Created */
      201: {
        headers: {
          [name: string]: unknown;
        };
        content: {
          "application/json": components["schemas"]["Coverage"];
        };
      };
    };
  };
  ops_bills_end_coverage: {
    parameters: {
      query?: never;
      header?: never;
      path: {
        id: string;
        coverage_id: string;
      };
      cookie?: never;
    };
    requestBody: {
      content: {
        "application/json": components["schemas"]["EndCoverage"];
      };
    };
    responses: {
      /** @description OK */
      200: {
        headers: {
          [name: string]: unknown;
        };
        content: {
          "application/json": components["schemas"]["Coverage"];
        };
      };
    };
  };
  flags_flag_patient: {
    parameters: {
      query?: never;
      header?: never;
      path: {
        id: string;
      };
      cookie?: never;
    };
    requestBody: {
      content: {
        "application/json": components["schemas"]["FlagPatient"];
      };
    };
    responses: {
      /** @description Created */
      201: {
        headers: {
          [name: string]: unknown;
        };
        content: {
          "application/json": components["schemas"]["Flag"];
        };
      };
    };
  };
  ops_bills_list_differences: {
    parameters: {
      query?: {
        limit?: number;
        cursor?: string | null;
        resolved?: "true" | "false";
      };
      header?: never;
      path?: never;
      cookie?: never;
    };
    requestBody?: never;
    responses: {
      /** @description OK */
      200: {
        headers: {
          [name: string]: unknown;
        };
        content: {
          "application/json": components["schemas"]["Page_Difference_"];
        };
      };
    };
  };
  ops_bills_resolve: {
    parameters: {
      query?: never;
      header?: never;
      path: {
        difference_id: string;
      };
      cookie?: never;
    };
    requestBody?: {
      content: {
        "application/json": components["schemas"]["Empty"];
      };
    };
    responses: {
      /** @description OK */
      200: {
        headers: {
          [name: string]: unknown;
        };
        content: {
          "application/json": components["schemas"]["Difference"];
        };
      };
    };
  };
  ops_plans_list_standing: {
    parameters: {
      query?: {
        limit?: number;
        cursor?: string | null;
      };
      header?: never;
      path?: never;
      cookie?: never;
    };
    requestBody?: never;
    responses: {
      /** @description OK */
      200: {
        headers: {
          [name: string]: unknown;
        };
        content: {
          "application/json": components["schemas"]["Page_StandingPlan_"];
        };
      };
    };
  };
  ops_plans_plan: {
    parameters: {
      query?: never;
      header?: never;
      path?: never;
      cookie?: never;
    };
    requestBody: {
      content: {
        "application/json": components["schemas"]["PlanRequest"];
      };
    };
    responses: {
      /** @description OK */
      200: {
        headers: {
          [name: string]: unknown;
        };
        content: {
          "application/json": components["schemas"]["Plan"];
        };
      };
    };
  };
  ops_plans_commit: {
    parameters: {
      query?: never;
      header?: never;
      path?: never;
      cookie?: never;
    };
    requestBody: {
      content: {
        "application/json": components["schemas"]["PlanCommit"];
      };
    };
    responses: {
      /** @description OK */
      200: {
        headers: {
          [name: string]: unknown;
        };
        content: {
          "application/json": components["schemas"]["CommittedPlan"];
        };
      };
    };
  };
  dispatch_times_tell: {
    parameters: {
      query: {
        from: string;
        to: string;
        format?: "json" | "csv";
      };
      header?: never;
      path?: never;
      cookie?: never;
    };
    requestBody?: never;
    responses: {
      /** @description OK */
      200: {
        headers: {
          [name: string]: unknown;
        };
        content: {
          "application/json": components["schemas"]["DispatchReport"];
          "text/csv": string;
        };
      };
    };
  };
  workloads_tell: {
    parameters: {
      query: {
        limit?: number;
        cursor?: string | null;
        from: string;
        to: string;
        format?: "json" | "csv";
      };
      header?: never;
      path?: never;
      cookie?: never;
    };
    requestBody?: never;
    responses: {
      /** @description OK */
      200: {
        headers: {
          [name: string]: unknown;
        };
        content: {
          "application/json": components["schemas"]["WorkloadReport"];
          "text/csv": string;
        };
      };
    };
  };
  reports_tell: {
    parameters: {
      query: {
        limit?: number;
        cursor?: string | null;
        from: string;
        to: string;
        format?: "json" | "csv";
      };
      header?: never;
      path: {
        name: string;
      };
      cookie?: never;
    };
    requestBody?: never;
    responses: {
      /** @description OK */
      200: {
        headers: {
          [name: string]: unknown;
        };
        content: {
          "application/json": components["schemas"]["Page_VerificationView_"];
          "text/csv": string;
        };
      };
    };
  };
  ops_shortages_list_shortages: {
    parameters: {
      query?: {
        limit?: number;
        cursor?: string | null;
        state?: "open" | "ended";
      };
      header?: never;
      path?: never;
      cookie?: never;
    };
    requestBody?: never;
    responses: {
      /** @description OK */
      200: {
        headers: {
          [name: string]: unknown;
        };
        content: {
          "application/json": components["schemas"]["Page_Shortage_"];
        };
      };
    };
  };
  streams_follow_operations: {
    parameters: {
      query?: never;
      header?: never;
      path?: never;
      cookie?: never;
    };
    requestBody?: never;
    responses: {
      /** @description OK */
      200: {
        headers: {
          [name: string]: unknown;
        };
        content: {
          "text/event-stream": string;
        };
      };
    };
  };
  ops_bills_list_tariffs: {
    parameters: {
      query?: {
        limit?: number;
        cursor?: string | null;
      };
      header?: never;
      path?: never;
      cookie?: never;
    };
    requestBody?: never;
    responses: {
      /** @description OK */
      200: {
        headers: {
          [name: string]: unknown;
        };
        content: {
          "application/json": components["schemas"]["Page_DeclaredTariff_"];
        };
      };
    };
  };
  ops_bills_declare: {
    parameters: {
      query?: never;
      header?: never;
      path?: never;
      cookie?: never;
    };
    requestBody: {
      content: {
        "application/json": components["schemas"]["DeclareTariff"];
      };
    };
    responses: {
      /** @description Created */
      201: {
        headers: {
          [name: string]: unknown;
        };
        content: {
          "application/json": components["schemas"]["DeclaredTariff"];
        };
      };
    };
  };
  ops_board_abort: {
    parameters: {
      query?: never;
      header?: never;
      path: {
        id: string;
      };
      cookie?: never;
    };
    requestBody: {
      content: {
        "application/json": components["schemas"]["EndForHer"];
      };
    };
    responses: {
      /** @description OK */
      200: {
        headers: {
          [name: string]: unknown;
        };
        content: {
          "application/json": components["schemas"]["Visit"];
        };
      };
    };
  };
  ops_cases_report: {
    parameters: {
      query?: never;
      header?: never;
      path: {
        id: string;
      };
      cookie?: never;
    };
    requestBody: {
      content: {
        "application/json": components["schemas"]["ReportEvent"];
      };
    };
    responses: {
      /** @description Created */
      201: {
        headers: {
          [name: string]: unknown;
        };
        content: {
          "application/json": components["schemas"]["Case"];
        };
      };
    };
  };
  ops_board_complete: {
    parameters: {
      query?: never;
      header?: never;
      path: {
        id: string;
      };
      cookie?: never;
    };
    requestBody: {
      content: {
        "application/json": components["schemas"]["EndForHer"];
      };
    };
    responses: {
      /** @description OK */
      200: {
        headers: {
          [name: string]: unknown;
        };
        content: {
          "application/json": components["schemas"]["Visit"];
        };
      };
    };
  };
  safety_declare_for_her: {
    parameters: {
      query?: never;
      header?: never;
      path: {
        id: string;
      };
      cookie?: never;
    };
    requestBody: {
      content: {
        "application/json": components["schemas"]["DeclareEmergency"];
      };
    };
    responses: {
      /** @description Created */
      201: {
        headers: {
          [name: string]: unknown;
        };
        content: {
          "application/json": components["schemas"]["EmergencyReport"];
        };
      };
    };
  };
  safety_release: {
    parameters: {
      query?: never;
      header?: never;
      path: {
        id: string;
      };
      cookie?: never;
    };
    requestBody: {
      content: {
        "application/json": components["schemas"]["ReleaseRecord"];
      };
    };
    responses: {
      /** @description OK */
      200: {
        headers: {
          [name: string]: unknown;
        };
        content: {
          "application/json": components["schemas"]["EmergencyReport"];
        };
      };
    };
  };
  ops_board_supersede: {
    parameters: {
      query?: never;
      header?: never;
      path: {
        id: string;
        fact_id: string;
      };
      cookie?: never;
    };
    requestBody: {
      content: {
        "application/json": components["schemas"]["CorrectFact"];
      };
    };
    responses: {
      /** @description OK */
      200: {
        headers: {
          [name: string]: unknown;
        };
        content: {
          "application/json": components["schemas"]["Visit"];
        };
      };
    };
  };
  ops_board_miss: {
    parameters: {
      query?: never;
      header?: never;
      path: {
        id: string;
      };
      cookie?: never;
    };
    requestBody: {
      content: {
        "application/json": components["schemas"]["EndForHer"];
      };
    };
    responses: {
      /** @description OK */
      200: {
        headers: {
          [name: string]: unknown;
        };
        content: {
          "application/json": components["schemas"]["Visit"];
        };
      };
    };
  };
  ops_console_reassign: {
    parameters: {
      query?: never;
      header?: never;
      path: {
        id: string;
      };
      cookie?: never;
    };
    requestBody: {
      content: {
        "application/json": components["schemas"]["Reassign"];
      };
    };
    responses: {
      /** @description OK */
      200: {
        headers: {
          [name: string]: unknown;
        };
        content: {
          "application/json": components["schemas"]["Visit"];
        };
      };
    };
  };
  ops_console_preview_reassign: {
    parameters: {
      query?: never;
      header?: never;
      path: {
        id: string;
      };
      cookie?: never;
    };
    requestBody: {
      content: {
        "application/json": components["schemas"]["WhatIf"];
      };
    };
    responses: {
      /** @description OK */
      200: {
        headers: {
          [name: string]: unknown;
        };
        content: {
          "application/json": components["schemas"]["Prospect"];
        };
      };
    };
  };
  ops_board_release: {
    parameters: {
      query?: never;
      header?: never;
      path: {
        id: string;
      };
      cookie?: never;
    };
    requestBody: {
      content: {
        "application/json": components["schemas"]["EndForHer"];
      };
    };
    responses: {
      /** @description OK */
      200: {
        headers: {
          [name: string]: unknown;
        };
        content: {
          "application/json": components["schemas"]["Visit"];
        };
      };
    };
  };
  ops_waste_excuse: {
    parameters: {
      query?: never;
      header?: never;
      path: {
        id: string;
      };
      cookie?: never;
    };
    requestBody: {
      content: {
        "application/json": components["schemas"]["ExcuseWaste"];
      };
    };
    responses: {
      /** @description OK */
      200: {
        headers: {
          [name: string]: unknown;
        };
        content: {
          "application/json": components["schemas"]["Waste"];
        };
      };
    };
  };
  ops_waste_receive: {
    parameters: {
      query?: never;
      header?: never;
      path: {
        id: string;
      };
      cookie?: never;
    };
    requestBody: {
      content: {
        "application/json": components["schemas"]["ReceiveWaste"];
      };
    };
    responses: {
      /** @description OK */
      200: {
        headers: {
          [name: string]: unknown;
        };
        content: {
          "application/json": components["schemas"]["Waste"];
        };
      };
    };
  };
  ops_waste_list_out: {
    parameters: {
      query?: {
        limit?: number;
        cursor?: string | null;
        state?: "out" | "late";
      };
      header?: never;
      path?: never;
      cookie?: never;
    };
    requestBody?: never;
    responses: {
      /** @description OK */
      200: {
        headers: {
          [name: string]: unknown;
        };
        content: {
          "application/json": components["schemas"]["Page_Waste_"];
        };
      };
    };
  };
  orders_list_orders: {
    parameters: {
      query?: {
        limit?: number;
        cursor?: string | null;
        state?: components["schemas"]["OrderState"] | null;
      };
      header?: never;
      path?: never;
      cookie?: never;
    };
    requestBody?: never;
    responses: {
      /** @description OK */
      200: {
        headers: {
          [name: string]: unknown;
        };
        content: {
          "application/json": components["schemas"]["Page_Order_"];
        };
      };
    };
  };
  orders_place: {
    parameters: {
      query?: never;
      header?: never;
      path?: never;
      cookie?: never;
    };
    requestBody: {
      content: {
        "application/json": components["schemas"]["PlaceOrder"];
      };
    };
    responses: {
      /** @description Created */
      201: {
        headers: {
          [name: string]: unknown;
        };
        content: {
          "application/json": components["schemas"]["Order"];
        };
      };
    };
  };
  orders_get: {
    parameters: {
      query?: never;
      header?: never;
      path: {
        id: string;
      };
      cookie?: never;
    };
    requestBody?: never;
    responses: {
      /** @description OK */
      200: {
        headers: {
          [name: string]: unknown;
        };
        content: {
          "application/json": components["schemas"]["Order"];
        };
      };
    };
  };
  orders_answer: {
    parameters: {
      query?: never;
      header?: never;
      path: {
        id: string;
      };
      cookie?: never;
    };
    requestBody: {
      content: {
        "application/json": components["schemas"]["AnswerQuestion"];
      };
    };
    responses: {
      /** @description OK */
      200: {
        headers: {
          [name: string]: unknown;
        };
        content: {
          "application/json": components["schemas"]["Order"];
        };
      };
    };
  };
  bills_get_of_order: {
    parameters: {
      query?: never;
      header?: never;
      path: {
        id: string;
      };
      cookie?: never;
    };
    requestBody?: never;
    responses: {
      /** @description OK */
      200: {
        headers: {
          [name: string]: unknown;
        };
        content: {
          "application/json": components["schemas"]["Bill"];
        };
      };
    };
  };
  orders_cancel: {
    parameters: {
      query?: never;
      header?: never;
      path: {
        id: string;
      };
      cookie?: never;
    };
    requestBody: {
      content: {
        "application/json": components["schemas"]["CancelOrder"];
      };
    };
    responses: {
      /** @description OK */
      200: {
        headers: {
          [name: string]: unknown;
        };
        content: {
          "application/json": components["schemas"]["Order"];
        };
      };
    };
  };
  cases_complain: {
    parameters: {
      query?: never;
      header?: never;
      path: {
        id: string;
      };
      cookie?: never;
    };
    requestBody: {
      content: {
        "application/json": components["schemas"]["Complain"];
      };
    };
    responses: {
      /** @description Created */
      201: {
        headers: {
          [name: string]: unknown;
        };
        content: {
          "application/json": components["schemas"]["Case"];
        };
      };
    };
  };
  orders_confirm: {
    parameters: {
      query?: never;
      header?: never;
      path: {
        id: string;
      };
      cookie?: never;
    };
    requestBody: {
      content: {
        "application/json": components["schemas"]["ConfirmOrder"];
      };
    };
    responses: {
      /** @description OK */
      200: {
        headers: {
          [name: string]: unknown;
        };
        content: {
          "application/json": components["schemas"]["Order"];
        };
      };
    };
  };
  documents_list_documents: {
    parameters: {
      query?: never;
      header?: never;
      path: {
        id: string;
      };
      cookie?: never;
    };
    requestBody?: never;
    responses: {
      /** @description OK */
      200: {
        headers: {
          [name: string]: unknown;
        };
        content: {
          "application/json": components["schemas"]["Documents"];
        };
      };
    };
  };
  documents_attach: {
    parameters: {
      query?: never;
      header?: never;
      path: {
        id: string;
      };
      cookie?: never;
    };
    requestBody: {
      content: {
        "multipart/form-data": {
          kind: components["schemas"]["DocumentKind"];
          /** Format: binary */
          file: string;
        };
      };
    };
    responses: {
      /** @description Created */
      200: {
        headers: {
          [name: string]: unknown;
        };
        content: {
          "application/json": components["schemas"]["Document"];
        };
      };
      /** @description Created */
      201: {
        headers: {
          [name: string]: unknown;
        };
        content: {
          "application/json": components["schemas"]["Document"];
        };
      };
    };
  };
  documents_get_file: {
    parameters: {
      query?: never;
      header?: never;
      path: {
        id: string;
        document_id: string;
      };
      cookie?: never;
    };
    requestBody?: never;
    responses: {
      /** @description OK */
      200: {
        headers: {
          [name: string]: unknown;
        };
        content: {
          "*/*": string;
        };
      };
    };
  };
  orders_rate: {
    parameters: {
      query?: never;
      header?: never;
      path: {
        id: string;
      };
      cookie?: never;
    };
    requestBody: {
      content: {
        "application/json": components["schemas"]["RateOrder"];
      };
    };
    responses: {
      /** @description Created */
      201: {
        headers: {
          [name: string]: unknown;
        };
        content: {
          "application/json": components["schemas"]["Rating"];
        };
      };
    };
  };
  orders_reschedule: {
    parameters: {
      query?: never;
      header?: never;
      path: {
        id: string;
      };
      cookie?: never;
    };
    requestBody: {
      content: {
        "application/json": components["schemas"]["RescheduleOrder"];
      };
    };
    responses: {
      /** @description OK */
      200: {
        headers: {
          [name: string]: unknown;
        };
        content: {
          "application/json": components["schemas"]["Order"];
        };
      };
    };
  };
  safety_resume: {
    parameters: {
      query?: never;
      header?: never;
      path: {
        id: string;
      };
      cookie?: never;
    };
    requestBody?: {
      content: {
        "application/json": components["schemas"]["Empty"];
      };
    };
    responses: {
      /** @description OK */
      200: {
        headers: {
          [name: string]: unknown;
        };
        content: {
          "application/json": components["schemas"]["Order"];
        };
      };
    };
  };
  orders_tell_timeline: {
    parameters: {
      query?: {
        limit?: number;
        cursor?: string | null;
      };
      header?: never;
      path: {
        id: string;
      };
      cookie?: never;
    };
    requestBody?: never;
    responses: {
      /** @description OK */
      200: {
        headers: {
          [name: string]: unknown;
        };
        content: {
          "application/json": components["schemas"]["Page_TimelineEvent_"];
        };
      };
    };
  };
  orders_track: {
    parameters: {
      query?: never;
      header?: never;
      path: {
        id: string;
      };
      cookie?: never;
    };
    requestBody?: never;
    responses: {
      /** @description OK */
      200: {
        headers: {
          [name: string]: unknown;
        };
        content: {
          "application/json": components["schemas"]["Tracking"];
        };
      };
    };
  };
  patients_list_patients: {
    parameters: {
      query?: {
        limit?: number;
        cursor?: string | null;
      };
      header?: never;
      path?: never;
      cookie?: never;
    };
    requestBody?: never;
    responses: {
      /** @description OK */
      200: {
        headers: {
          [name: string]: unknown;
        };
        content: {
          "application/json": components["schemas"]["Page_PatientView_"];
        };
      };
    };
  };
  patients_create_patient: {
    parameters: {
      query?: never;
      header?: never;
      path?: never;
      cookie?: never;
    };
    requestBody: {
      content: {
        "application/json": components["schemas"]["CreatePatient"];
      };
    };
    responses: {
      /** @description Created */
      201: {
        headers: {
          [name: string]: unknown;
        };
        content: {
          "application/json": components["schemas"]["PatientView"];
        };
      };
    };
  };
  patients_get_patient: {
    parameters: {
      query?: never;
      header?: never;
      path: {
        id: string;
      };
      cookie?: never;
    };
    requestBody?: never;
    responses: {
      /** @description OK */
      200: {
        headers: {
          [name: string]: unknown;
        };
        content: {
          "application/json": components["schemas"]["PatientView"];
        };
      };
    };
  };
  patients_remove_patient: {
    parameters: {
      query?: never;
      header?: never;
      path: {
        id: string;
      };
      cookie?: never;
    };
    requestBody?: never;
    responses: {
      /** @description No Content */
      204: {
        headers: {
          [name: string]: unknown;
        };
        content?: never;
      };
    };
  };
  patients_change_patient: {
    parameters: {
      query?: never;
      header?: never;
      path: {
        id: string;
      };
      cookie?: never;
    };
    requestBody?: {
      content: {
        "application/json": components["schemas"]["ChangePatient"];
      };
    };
    responses: {
      /** @description OK */
      200: {
        headers: {
          [name: string]: unknown;
        };
        content: {
          "application/json": components["schemas"]["PatientView"];
        };
      };
    };
  };
  patients_list_addresses: {
    parameters: {
      query?: {
        limit?: number;
        cursor?: string | null;
      };
      header?: never;
      path: {
        id: string;
      };
      cookie?: never;
    };
    requestBody?: never;
    responses: {
      /** @description OK */
      200: {
        headers: {
          [name: string]: unknown;
        };
        content: {
          "application/json": components["schemas"]["Page_AddressView_"];
        };
      };
    };
  };
  patients_add_address: {
    parameters: {
      query?: never;
      header?: never;
      path: {
        id: string;
      };
      cookie?: never;
    };
    requestBody: {
      content: {
        "application/json": components["schemas"]["CreateAddress"];
      };
    };
    responses: {
      /** @description Created */
      201: {
        headers: {
          [name: string]: unknown;
        };
        content: {
          "application/json": components["schemas"]["AddressView"];
        };
      };
    };
  };
  patients_get_address: {
    parameters: {
      query?: never;
      header?: never;
      path: {
        id: string;
        address_id: string;
      };
      cookie?: never;
    };
    requestBody?: never;
    responses: {
      /** @description OK */
      200: {
        headers: {
          [name: string]: unknown;
        };
        content: {
          "application/json": components["schemas"]["AddressView"];
        };
      };
    };
  };
  patients_remove_address: {
    parameters: {
      query?: never;
      header?: never;
      path: {
        id: string;
        address_id: string;
      };
      cookie?: never;
    };
    requestBody?: never;
    responses: {
      /** @description No Content */
      204: {
        headers: {
          [name: string]: unknown;
        };
        content?: never;
      };
    };
  };
  assessments_list_clearances: {
    parameters: {
      query?: never;
      header?: never;
      path: {
        id: string;
      };
      cookie?: never;
    };
    requestBody?: never;
    responses: {
      /** @description OK */
      200: {
        headers: {
          [name: string]: unknown;
        };
        content: {
          "application/json": components["schemas"]["Clearances"];
        };
      };
    };
  };
  consents_list_entries: {
    parameters: {
      query?: {
        limit?: number;
        cursor?: string | null;
      };
      header?: never;
      path: {
        id: string;
      };
      cookie?: never;
    };
    requestBody?: never;
    responses: {
      /** @description OK */
      200: {
        headers: {
          [name: string]: unknown;
        };
        content: {
          "application/json": components["schemas"]["Page_LedgerEntry_"];
        };
      };
    };
  };
  consents_give: {
    parameters: {
      query?: never;
      header?: never;
      path: {
        id: string;
      };
      cookie?: never;
    };
    requestBody: {
      content: {
        "application/json": components["schemas"]["GiveConsent"];
      };
    };
    responses: {
      /** @description Created */
      201: {
        headers: {
          [name: string]: unknown;
        };
        content: {
          "application/json": components["schemas"]["LedgerEntry"];
        };
      };
    };
  };
  consents_withdraw: {
    parameters: {
      query?: never;
      header?: never;
      path: {
        id: string;
      };
      cookie?: never;
    };
    requestBody: {
      content: {
        "application/json": components["schemas"]["WithdrawConsent"];
      };
    };
    responses: {
      /** @description OK */
      200: {
        headers: {
          [name: string]: unknown;
        };
        content: {
          "application/json": components["schemas"]["LedgerEntry"];
        };
      };
    };
  };
  flags_list_of_patient: {
    parameters: {
      query?: {
        limit?: number;
        cursor?: string | null;
      };
      header?: never;
      path: {
        id: string;
      };
      cookie?: never;
    };
    requestBody?: never;
    responses: {
      /** @description OK */
      200: {
        headers: {
          [name: string]: unknown;
        };
        content: {
          "application/json": components["schemas"]["Page_Flag_"];
        };
      };
    };
  };
  visits_list_records_of_patient: {
    parameters: {
      query?: {
        limit?: number;
        cursor?: string | null;
      };
      header?: never;
      path: {
        id: string;
      };
      cookie?: never;
    };
    requestBody?: never;
    responses: {
      /** @description OK */
      200: {
        headers: {
          [name: string]: unknown;
        };
        content: {
          "application/json": components["schemas"]["Page_Record_"];
        };
      };
    };
  };
  bills_hear: {
    parameters: {
      query?: never;
      header?: never;
      path: {
        provider: string;
      };
      cookie?: never;
    };
    requestBody: {
      content: {
        "application/json": {
          /** @enum {unknown} */
          kind: "authorised" | "captured" | "failed" | "refunded" | "released";
          /** Format: uuid */
          payment_id: string;
          /** Format: uuid */
          command_id?: string | null;
          amount_fen: number;
          /** Format: date-time */
          at: string;
        };
      };
    };
    responses: {
      /** @description No Content */
      204: {
        headers: {
          [name: string]: unknown;
        };
        content?: never;
      };
    };
  };
  prescriptions_write: {
    parameters: {
      query?: never;
      header?: never;
      path?: never;
      cookie?: never;
    };
    requestBody: {
      content: {
        "application/json": components["schemas"]["WritePrescription"];
      };
    };
    responses: {
      /** @description Created */
      201: {
        headers: {
          [name: string]: unknown;
        };
        content: {
          "application/json": components["schemas"]["Prescription"];
        };
      };
    };
  };
  prescriptions_get: {
    parameters: {
      query?: never;
      header?: never;
      path: {
        id: string;
      };
      cookie?: never;
    };
    requestBody?: never;
    responses: {
      /** @description OK */
      200: {
        headers: {
          [name: string]: unknown;
        };
        content: {
          "application/json": components["schemas"]["Prescription"];
        };
      };
    };
  };
  prescriptions_get_file: {
    parameters: {
      query?: never;
      header?: never;
      path: {
        id: string;
      };
      cookie?: never;
    };
    requestBody?: never;
    responses: {
      /** @description OK */
      200: {
        headers: {
          [name: string]: unknown;
        };
        content: {
          "*/*": string;
        };
      };
    };
  };
  prescriptions_put_file: {
    parameters: {
      query?: never;
      header?: never;
      path: {
        id: string;
      };
      cookie?: never;
    };
    requestBody: {
      content: {
        "multipart/form-data": {
          /** Format: binary */
          file: string;
        };
      };
    };
    responses: {
      /** @description OK */
      200: {
        headers: {
          [name: string]: unknown;
        };
        content: {
          "application/json": components["schemas"]["Prescription"];
        };
      };
    };
  };
  push_get_key: {
    parameters: {
      query?: never;
      header?: never;
      path?: never;
      cookie?: never;
    };
    requestBody?: never;
    responses: {
      /** @description OK */
      200: {
        headers: {
          [name: string]: unknown;
        };
        content: {
          "application/json": components["schemas"]["PushKey"];
        };
      };
    };
  };
  push_subscribe: {
    parameters: {
      query?: never;
      header?: never;
      path?: never;
      cookie?: never;
    };
    requestBody: {
      content: {
        "application/json": components["schemas"]["Subscribe"];
      };
    };
    responses: {
      /** @description No Content */
      204: {
        headers: {
          [name: string]: unknown;
        };
        content?: never;
      };
    };
  };
  push_unsubscribe: {
    parameters: {
      query?: never;
      header?: never;
      path?: never;
      cookie?: never;
    };
    requestBody?: never;
    responses: {
      /** @description No Content */
      204: {
        headers: {
          [name: string]: unknown;
        };
        content?: never;
      };
    };
  };
  quotes_quote: {
    parameters: {
      query?: never;
      header?: never;
      path?: never;
      cookie?: never;
    };
    requestBody: {
      content: {
        "application/json": components["schemas"]["QuoteRequest"];
      };
    };
    responses: {
      /** @description OK */
      200: {
        headers: {
          [name: string]: unknown;
        };
        content: {
          "application/json": components["schemas"]["Quote"];
        };
      };
    };
  };
  catalogue_get_service_areas: {
    parameters: {
      query?: never;
      header?: never;
      path?: never;
      cookie?: never;
    };
    requestBody?: never;
    responses: {
      /** @description OK */
      200: {
        headers: {
          [name: string]: unknown;
        };
        content: {
          "application/json": components["schemas"]["AreaCollection"];
        };
      };
    };
  };
  catalogue_list_services: {
    parameters: {
      query?: {
        limit?: number;
        cursor?: string | null;
        category?: components["schemas"]["Category"] | null;
        q?: string;
      };
      header?: never;
      path?: never;
      cookie?: never;
    };
    requestBody?: never;
    responses: {
      /** @description OK */
      200: {
        headers: {
          [name: string]: unknown;
        };
        content: {
          "application/json": components["schemas"]["Page_ServiceView_"];
        };
      };
    };
  };
  catalogue_get_service: {
    parameters: {
      query?: never;
      header?: never;
      path: {
        code: string;
      };
      cookie?: never;
    };
    requestBody?: never;
    responses: {
      /** @description OK */
      200: {
        headers: {
          [name: string]: unknown;
        };
        content: {
          "application/json": components["schemas"]["ServiceView"];
        };
      };
    };
  };
  streams_follow: {
    parameters: {
      query?: never;
      header?: never;
      path?: never;
      cookie?: never;
    };
    requestBody?: never;
    responses: {
      /** @description OK */
      200: {
        headers: {
          [name: string]: unknown;
        };
        content: {
          "text/event-stream": string;
        };
      };
    };
  };
  system_get_time: {
    parameters: {
      query?: never;
      header?: never;
      path?: never;
      cookie?: never;
    };
    requestBody?: never;
    responses: {
      /** @description OK */
      200: {
        headers: {
          [name: string]: unknown;
        };
        content: {
          "application/json": components["schemas"]["Time"];
        };
      };
    };
  };
  visits_get: {
    parameters: {
      query?: never;
      header?: never;
      path: {
        id: string;
      };
      cookie?: never;
    };
    requestBody?: never;
    responses: {
      /** @description OK */
      200: {
        headers: {
          [name: string]: unknown;
        };
        content: {
          "application/json": components["schemas"]["Visit"];
        };
      };
    };
  };
  visits_abort: {
    parameters: {
      query?: never;
      header?: never;
      path: {
        id: string;
      };
      cookie?: never;
    };
    requestBody: {
      content: {
        "application/json": components["schemas"]["Abort"];
      };
    };
    responses: {
      /** @description OK */
      200: {
        headers: {
          [name: string]: unknown;
        };
        content: {
          "application/json": components["schemas"]["Visit"];
        };
      };
    };
  };
  cases_report: {
    parameters: {
      query?: never;
      header?: never;
      path: {
        id: string;
      };
      cookie?: never;
    };
    requestBody: {
      content: {
        "application/json": components["schemas"]["ReportEvent"];
      };
    };
    responses: {
      /** @description Created */
      201: {
        headers: {
          [name: string]: unknown;
        };
        content: {
          "application/json": components["schemas"]["Case"];
        };
      };
    };
  };
  visits_arrive: {
    parameters: {
      query?: never;
      header?: never;
      path: {
        id: string;
      };
      cookie?: never;
    };
    requestBody: {
      content: {
        "application/json": components["schemas"]["Arrive"];
      };
    };
    responses: {
      /** @description OK */
      200: {
        headers: {
          [name: string]: unknown;
        };
        content: {
          "application/json": components["schemas"]["Visit"];
        };
      };
    };
  };
  attachments_list_attachments: {
    parameters: {
      query?: {
        limit?: number;
        cursor?: string | null;
      };
      header?: never;
      path: {
        id: string;
      };
      cookie?: never;
    };
    requestBody?: never;
    responses: {
      /** @description OK */
      200: {
        headers: {
          [name: string]: unknown;
        };
        content: {
          "application/json": components["schemas"]["Page_Attachment_"];
        };
      };
    };
  };
  attachments_attach: {
    parameters: {
      query?: never;
      header?: never;
      path: {
        id: string;
      };
      cookie?: never;
    };
    requestBody: {
      content: {
        "multipart/form-data": {
          kind: components["schemas"]["AttachmentKind"];
          /**
          * Client Id
          * Format: uuid
          */
          client_id: string;
          /**
          * Recorded At
          * @default null
          */
          recorded_at?: string | null;
          /**
          * Started At
          * @default null
          */
          started_at?: string | null;
          /**
          * Ended At
          * @default null
          */
          ended_at?: string | null;
          /** @default null */
          consent_by?: components["schemas"]["ConsentBy"] | null;
          /**
          * Consent At
          * @default null
          */
          consent_at?: string | null;
          /** Format: binary */
          file: string;
        };
      };
    };
    responses: {
      /** @description Created */
      200: {
        headers: {
          [name: string]: unknown;
        };
        content: {
          "application/json": components["schemas"]["Attachment"];
        };
      };
      /** @description Created */
      201: {
        headers: {
          [name: string]: unknown;
        };
        content: {
          "application/json": components["schemas"]["Attachment"];
        };
      };
    };
  };
  attachments_get_file: {
    parameters: {
      query?: never;
      header?: never;
      path: {
        id: string;
        attachment_id: string;
      };
      cookie?: never;
    };
    requestBody?: never;
    responses: {
      /** @description OK */
      200: {
        headers: {
          [name: string]: unknown;
        };
        content: {
          "*/*": string;
        };
      };
    };
  };
  contact_ask_for_number: {
    parameters: {
      query?: never;
      header?: never;
      path: {
        id: string;
      };
      cookie?: never;
    };
    requestBody?: {
      content: {
        "application/json": components["schemas"]["Empty"];
      };
    };
    responses: {
      /** @description OK */
      200: {
        headers: {
          [name: string]: unknown;
        };
        content: {
          "application/json": components["schemas"]["CallNumber"];
        };
      };
    };
  };
  bills_list_changes: {
    parameters: {
      query?: never;
      header?: never;
      path: {
        id: string;
      };
      cookie?: never;
    };
    requestBody?: never;
    responses: {
      /** @description OK */
      200: {
        headers: {
          [name: string]: unknown;
        };
        content: {
          "application/json": components["schemas"]["ChangeOrders"];
        };
      };
    };
  };
  bills_propose_change: {
    parameters: {
      query?: never;
      header?: never;
      path: {
        id: string;
      };
      cookie?: never;
    };
    requestBody: {
      content: {
        "application/json": components["schemas"]["ProposeChange"];
      };
    };
    responses: {
      /** @description Created */
      201: {
        headers: {
          [name: string]: unknown;
        };
        content: {
          "application/json": components["schemas"]["ChangeOrder"];
        };
      };
    };
  };
  safety_check_in: {
    parameters: {
      query?: never;
      header?: never;
      path: {
        id: string;
      };
      cookie?: never;
    };
    requestBody: {
      content: {
        "application/json": components["schemas"]["CheckIn"];
      };
    };
    responses: {
      /** @description OK */
      200: {
        headers: {
          [name: string]: unknown;
        };
        content: {
          "application/json": components["schemas"]["Visit"];
        };
      };
    };
  };
  visits_complete: {
    parameters: {
      query?: never;
      header?: never;
      path: {
        id: string;
      };
      cookie?: never;
    };
    requestBody: {
      content: {
        "application/json": components["schemas"]["Complete"];
      };
    };
    responses: {
      /** @description OK */
      200: {
        headers: {
          [name: string]: unknown;
        };
        content: {
          "application/json": components["schemas"]["Visit"];
        };
      };
    };
  };
  contact_confirm: {
    parameters: {
      query?: never;
      header?: never;
      path: {
        id: string;
      };
      cookie?: never;
    };
    requestBody: {
      content: {
        "application/json": components["schemas"]["AnswerConfirmation"];
      };
    };
    responses: {
      /** @description OK */
      200: {
        headers: {
          [name: string]: unknown;
        };
        content: {
          "application/json": components["schemas"]["Confirmation"];
        };
      };
    };
  };
  visits_depart: {
    parameters: {
      query?: never;
      header?: never;
      path: {
        id: string;
      };
      cookie?: never;
    };
    requestBody: {
      content: {
        "application/json": components["schemas"]["Depart"];
      };
    };
    responses: {
      /** @description OK */
      200: {
        headers: {
          [name: string]: unknown;
        };
        content: {
          "application/json": components["schemas"]["Visit"];
        };
      };
    };
  };
  safety_try_door: {
    parameters: {
      query?: never;
      header?: never;
      path: {
        id: string;
      };
      cookie?: never;
    };
    requestBody: {
      content: {
        "application/json": components["schemas"]["TryDoor"];
      };
    };
    responses: {
      /** @description OK */
      200: {
        headers: {
          [name: string]: unknown;
        };
        content: {
          "application/json": components["schemas"]["Visit"];
        };
      };
    };
  };
  safety_declare: {
    parameters: {
      query?: never;
      header?: never;
      path: {
        id: string;
      };
      cookie?: never;
    };
    requestBody: {
      content: {
        "application/json": components["schemas"]["DeclareEmergency"];
      };
    };
    responses: {
      /** @description Created */
      201: {
        headers: {
          [name: string]: unknown;
        };
        content: {
          "application/json": components["schemas"]["EmergencyReport"];
        };
      };
    };
  };
  flags_flag_visit: {
    parameters: {
      query?: never;
      header?: never;
      path: {
        id: string;
      };
      cookie?: never;
    };
    requestBody: {
      content: {
        "application/json": components["schemas"]["FlagVisit"];
      };
    };
    responses: {
      /** @description Created */
      201: {
        headers: {
          [name: string]: unknown;
        };
        content: {
          "application/json": components["schemas"]["Flag"];
        };
      };
    };
  };
  contact_list_messages: {
    parameters: {
      query?: {
        limit?: number;
        cursor?: string | null;
      };
      header?: never;
      path: {
        id: string;
      };
      cookie?: never;
    };
    requestBody?: never;
    responses: {
      /** @description OK */
      200: {
        headers: {
          [name: string]: unknown;
        };
        content: {
          "application/json": components["schemas"]["Page_Message_"];
        };
      };
    };
  };
  contact_write: {
    parameters: {
      query?: never;
      header?: never;
      path: {
        id: string;
      };
      cookie?: never;
    };
    requestBody: {
      content: {
        "application/json": components["schemas"]["WriteMessage"];
      };
    };
    responses: {
      /** @description Created */
      200: {
        headers: {
          [name: string]: unknown;
        };
        content: {
          "application/json": components["schemas"]["Message"];
        };
      };
      /** @description Created */
      201: {
        headers: {
          [name: string]: unknown;
        };
        content: {
          "application/json": components["schemas"]["Message"];
        };
      };
    };
  };
  visits_list_records: {
    parameters: {
      query?: {
        limit?: number;
        cursor?: string | null;
      };
      header?: never;
      path: {
        id: string;
      };
      cookie?: never;
    };
    requestBody?: never;
    responses: {
      /** @description OK */
      200: {
        headers: {
          [name: string]: unknown;
        };
        content: {
          "application/json": components["schemas"]["Page_Record_"];
        };
      };
    };
  };
  visits_keep: {
    parameters: {
      query?: never;
      header?: never;
      path: {
        id: string;
      };
      cookie?: never;
    };
    requestBody: {
      content: {
        "application/json": components["schemas"]["KeepRecord"];
      };
    };
    responses: {
      /** @description Created */
      200: {
        headers: {
          [name: string]: unknown;
        };
        content: {
          "application/json": components["schemas"]["Record"];
        };
      };
      /** @description Created */
      201: {
        headers: {
          [name: string]: unknown;
        };
        content: {
          "application/json": components["schemas"]["Record"];
        };
      };
    };
  };
  visits_release: {
    parameters: {
      query?: never;
      header?: never;
      path: {
        id: string;
      };
      cookie?: never;
    };
    requestBody: {
      content: {
        "application/json": components["schemas"]["Release"];
      };
    };
    responses: {
      /** @description OK */
      200: {
        headers: {
          [name: string]: unknown;
        };
        content: {
          "application/json": components["schemas"]["Visit"];
        };
      };
    };
  };
  visits_press: {
    parameters: {
      query?: never;
      header?: never;
      path: {
        id: string;
      };
      cookie?: never;
    };
    requestBody?: {
      content: {
        "application/json": {
          location?: Record<string, unknown>;
          at?: string;
        };
      };
    };
    responses: {
      /** @description Created */
      201: {
        headers: {
          [name: string]: unknown;
        };
        content: {
          "application/json": components["schemas"]["Pressed"];
        };
      };
    };
  };
  visits_start: {
    parameters: {
      query?: never;
      header?: never;
      path: {
        id: string;
      };
      cookie?: never;
    };
    requestBody: {
      content: {
        "application/json": components["schemas"]["Start"];
      };
    };
    responses: {
      /** @description OK */
      200: {
        headers: {
          [name: string]: unknown;
        };
        content: {
          "application/json": components["schemas"]["Visit"];
        };
      };
    };
  };
  catalogue_get_vocabulary: {
    parameters: {
      query?: never;
      header?: never;
      path?: never;
      cookie?: never;
    };
    requestBody?: never;
    responses: {
      /** @description OK */
      200: {
        headers: {
          [name: string]: unknown;
        };
        content: {
          "application/json": components["schemas"]["Vocabulary"];
        };
      };
    };
  };
}
