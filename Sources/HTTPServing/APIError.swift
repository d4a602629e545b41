import Conversations
import JSON
import Serving

/// Why a request is answered with an error, in the form of OpenAI's.
struct APIError: Error, Equatable {
    /// The status of HTTP.
    var status: Int
    /// A sentence for who asked.
    var message: String
    /// The member of the request that is at fault.
    var parameter: String?
    /// Seconds after which trying again makes sense.
    var retryAfter: Int?

    /// The request cannot be understood, or asks for what there is not.
    static func invalid(_ parameter: String?, _ message: String) -> APIError {
        APIError(status: 400, message: message, parameter: parameter)
    }

    static func notFound(_ message: String) -> APIError { APIError(status: 404, message: message) }

    /// The time of a request was over before its prompt had been read.
    static let late = APIError(
        status: 504, message: "the server is too busy: the time of the request was over before it began",
        retryAfter: 1)

    /// The word for its kind.
    private var type: String {
        switch status {
        case 401: "authentication_error"
        case 403: "permission_error"
        case 404: "not_found_error"
        case 429: "rate_limit_error"
        case 500...: "server_error"
        default: "invalid_request_error"
        }
    }

    var json: JSONValue {
        [
            "error": [
                "message": .string(message), "type": .string(type),
                "param": parameter.map(JSONValue.string) ?? .null, "code": .integer(status),
            ]
        ]
    }
}

extension APIError {
    init(_ error: ServingError) {
        switch error {
        case .busy: self.init(status: 429, message: error.description, retryAfter: 1)
        case .closing: self.init(status: 503, message: error.description)
        case .request, .tooManySamples: self.init(status: 400, message: error.description)
        }
    }

    init(_ error: JSONError) { self = .invalid(nil, "the body is not JSON: \(error)") }
}
