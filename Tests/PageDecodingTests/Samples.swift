/// Response bodies as the provider documents print them.
enum Samples {
    /// Every kind of value, for mutation.
    static let mixed = #"""
        {"count": 2, "cdr": [{"id": "5d96", "to": -9.1e9, "notes": [
        {"msg": "a\u00e9\"", "date": 1}], "x": null},
        {"to": true, "id": "\ud83d\ude00", "y": {"z": [false, 0.5E-3]}, "notes": []}],
        "code": 200, "data": {"status": 0, "é": "ü"}}
        """#

    static let outanswered = #"""
        {
        "total": 3,
        "cdr": [
        {
        "_id": "5d9df5b97a2b952710b030dd",
        "to": 9100000000,
        "time": 1570633217848,
        "from": "209_1111113",
        "billedsec": 17,
        "rate": "0.6",
        "record": "true",
        "filename": "157063321784855021379679261_1111113.mp3",
        "name": "unknown"
        },
        {
        "_id": "5d9df5097a2b952710b030d8",
        "to": 9200000000,
        "time": 1570633054497,
        "from": "208_1111113",
        "billedsec": 3,
        "rate": "0.6",
        "record": "true",
        "filename": "157063305449713703081057884_1111113.mp3",
        "name": "unknown"
        },
        {
        "_id": "5d9df556362b8f1430593411",
        "to": 9300000000,
        "time": 1570632951992,
        "from": "206_1111113",
        "billedsec": 30,
        "rate": "0.6",
        "record": "true",
        "filename": "157063295199223390097444834_1111113.mp3",
        "name": "unknown"
        }
        ],
        "code": 200
        }
        """#

    static let agentOutMissed = #"""
        {
        "count": 8,
        "cdr": [
        {
        "_id": "5d96c6e920837a1998da13ea",
        "to": 9100000000,
        "time": 1570162545485,
        "from": "103_1111113",
        "billedsec": 0,
        "rate": "0.0000",
        "name": "unknown"
        },
        {
        "_id": "5d96c1b63e23420b5f1fa978",
        "to": 9200000000,
        "time": 1570161078287,
        "from": "103_1111113",
        "billedsec": 0,
        "rate": "0.0000",
        "name": "unknown"
        },
        {
        "_id": "5d96c0113e23420b5f1fa958",
        "to": 9300000000,
        "time": 1570160648428,
        "from": "103_1111113",
        "billedsec": 0,
        "rate": "0.0000",
        "name": "unknown"
        },
        {
        "_id": "5d960e7a20837a1998da0b7f",
        "to": 9400000000,
        "time": 1570115334213,
        "from": "103_1111113",
        "billedsec": 0,
        "rate": "0.0000",
        "name": "unknown"
        },
        {
        "_id": "5d960ecc3e23420b5f1fa2cd",
        "to": 9500000000,
        "time": 1570115274135,
        "from": "103_1111113",
        "billedsec": 0,
        "rate": "0.0000",
        "name": "Adams",
        }
        ],
        "code": 200
        }
        """#

    static let userOutMissed = #"""
        {
        "count": 123,
        "cdr": [
        {
        "cmiuid": "834a35bb-733a-4839-8338-9939143ac7cc",
        "duration": 0,
        "billedsec": 0,
        "rate": 0,
        "name": "unknown",
        "from": "550000000000",
        "to": 61400000000,
        "time": 1654182968809
        },
        {
        "cmiuid": "4fe3dacc-2890-48d4-bb1a-0d3fe434c388",
        "duration": 0,
        "notes": [
        {
        "msg": "Support Query",
        "date": 1639554230141,
        "agent": "101_1111112"
        },
        {
        "msg": "Regarding the order status",
        "date": 1639554230141,
        "agent": "101_1111112"
        }
        ],
        "billedsec": 0,
        "rate": 0,
        "name": "unknown",
        "from": "919200000000",
        "to": 919100000000,
        "time": 1654148145948
        },
        {
        "cmiuid": "44c2889d-7621-4be5-9de7-5f40ceef8360",
        "duration": 0,
        "billedsec": 0,
        "rate": 0,
        "name": "unknown",
        "from": "919300000000",
        "to": 66000000000,
        "time": 1654086575340
        },
        {
        "cmiuid": "e1724d2b-5cf5-4bd9-b36c-224f2a051c35",
        "duration": 0,
        "billedsec": 0,
        "rate": 0,
        "name": "unknown",
        "from": "919400000000",
        "to": 19170000000,
        "time": 1653624438313
        },
        {
        "cmiuid": "92d31c4c-d096-4546-bac3-e24402cba44e",
        "duration": 0,
        "billedsec": 0,
        "rate": 0,
        "name": "unknown",
        "from": "6500000001",
        "to": 6500000000,
        "time": 1652845008352
        },
        {
        "cmiuid": "633e8140-e4cc-4f23-9522-4a286df79e9a",
        "duration": 0,
        "billedsec": 0,
        "rate": 0,
        "name": "unknown",
        "from": "6500000001",
        "to": 919100000000,
        "time": 1652844634445
        },
        {
        "cmiuid": "c8c918e4-1a83-4f49-af43-4b1438453f83",
        "duration": 0,
        "billedsec": 0,
        "rate": 0,
        "name": "unknown",
        "from": "6500000001",
        "to": 919600000000,
        "time": 1652844234326
        },
        {
        "cmiuid": "61f97758-2358-4f45-b46f-bc3eb21ce9b3",
        "duration": 0,
        "billedsec": 0,
        "rate": 0,
        "name": "unknown",
        "from": "6500000001",
        "to": 6500000000,
        "time": 1652771447767
        },
        {
        "cmiuid": "ef2553d2-cb53-43b2-82b1-124d3400d38a",
        "duration": 0,
        "notes": [
        {
        "msg": "Support Query",
        "date": 1639554230141,
        "agent": "101_1111112"
        }
        ],
        "billedsec": 0,
        "rate": 0,
        "name": "unknown",
        "from": "6500000001",
        "to": 6500000000,
        "time": 1652771369169
        },
        {
        "cmiuid": "e4a8c5eb-4fab-4411-9dc4-6b317a8e3e2f",
        "duration": 0,
        "billedsec": 0,
        "rate": 0,
        "name": "unknown",
        "from": "6500000001",
        "to": 6500000000,
        "time": 1652771348017
        }
        ],
        "code": 200
        }
        """#

    static let requestIDCDR = #"""
        {"count": 2,"cdr": [
        {"duration": 4,"balance": 1135.14,"rate": 0.39,"from": 4471000000,
        "to": 9100000000,
        "time": 1637069609000,"leg": "b","direction": "outbound","status": "answered"},
        {"duration": 10,"balance": 1134.75,"rate": 0.39,"from": 4471000000,
        "to": 9200000000,
        "time": 1637069609000,"leg": "a","direction": "outbound","status": "answered"}],"code": 200}
        """#

    static let getBill = #"""
        {
        "ret": 200,
        "data": {
        "status": 0,
        "desc": "get success",
        "result": {
        "totalitems": 8151,
        "currentpage": 1,
        "itemsperpage": 10,
        "bills": [
        {
        "id": 22670,
        "extnumber": "",
        "destnumber": "13387525701",
        "displaynumber": "2190170001",
        "starttime": "2019-09-27 14:58:37",
        "answertime": null,
        "endtime": "2019-09-27 14:59:05",
        "duration": 28,
        "billsec": 0,
        "direction": "callout",
        "callmethod": 6,
        "userid": "0",
        "memberid": "0",
        "chengshudu": "0",
        "customuuid": "0",
        "recordfilename": "",
        "downloadip": "",
        "hangupdirection": 10041,
        "hangupcause": 10020,
        "userkey":"#"
        }
        ]
        },
        "reqtime": 1581502410,
        "rsptime": 1581502410
        },
        "msg": ""
        }
        """#
}
