// SPDX-License-Identifier: MIT
pragma solidity 0.8.28;

/// @title What the escrow of the x402 `batch-settlement` scheme looks like from outside
/// @notice Structs, events, errors and functions as the scheme's specification and the ABI of @x402/evm give them. Amounts are in the
/// token's base units (USDC: 6 decimals), times in seconds since the epoch. A selector or a topic that differs from the canonical
/// contract's is a bug here: the relay and the extension use one ABI for both.
interface IBatchSettlement {
    /// @dev Fixed for the life of a channel; its EIP-712 hash is the channel's id.
    struct ChannelConfig {
        address payer;
        /// @dev Signs vouchers. Zero: the payer itself does, by ERC-1271 when it is a contract.
        address payerAuthorizer;
        address receiver;
        address receiverAuthorizer;
        address token;
        uint40 withdrawDelay;
        bytes32 salt;
    }

    struct Voucher {
        ChannelConfig channel;
        /// @dev Cumulative: all that was ever earned on the channel, not this payment.
        uint128 maxClaimableAmount;
    }

    struct VoucherClaim {
        Voucher voucher;
        bytes signature;
        /// @dev Cumulative, at most the voucher's maximum.
        uint128 totalClaimed;
    }

    event ChannelCreated(bytes32 indexed channelId, ChannelConfig config);
    event ChannelClosed(bytes32 indexed channelId, ChannelConfig config);
    event Deposited(bytes32 indexed channelId, address indexed sender, uint128 amount, uint128 newBalance);
    event Claimed(bytes32 indexed channelId, address indexed sender, uint128 claimAmount, uint128 newTotalClaimed);
    event Settled(address indexed receiver, address indexed token, address indexed sender, uint128 amount);
    event Refunded(bytes32 indexed channelId, address indexed sender, uint128 amount);
    event WithdrawInitiated(bytes32 indexed channelId, uint128 amount, uint40 finalizeAfter);
    event WithdrawFinalized(bytes32 indexed channelId, address indexed sender, uint128 amount);

    /// @dev A party or the token is the zero address, or a withdrawal is asked for by somebody who is not the payer's side.
    error InvalidChannel();
    error ZeroDeposit();
    error DepositOverflow();
    /// @dev The escrow did not hold exactly `amount` more after the collector ran.
    error DepositCollectionFailed();
    error InvalidCollector();
    error WithdrawDelayOutOfRange();
    error EmptyBatch();
    error InvalidSignature();
    error NotAuthorizedToClaim();
    /// @dev The rows of a signed batch do not share one receiverAuthorizer.
    error NotReceiverAuthorizer();
    error ClaimExceedsCeiling();
    error ClaimExceedsBalance();
    error NothingToWithdraw();
    error WithdrawAmountExceedsAvailable();
    error WithdrawalAlreadyPending();
    error WithdrawalNotPending();
    error WithdrawDelayNotElapsed();
    error NotAuthorizedToFinalizeWithdraw();
    error NotAuthorizedToRefund();
    error InvalidRefundNonce();
    error ZeroRefund();

    /// @notice Pays into a channel, which its first deposit makes. Anyone may send it: `collector` pulls from the payer.
    function deposit(ChannelConfig calldata config, uint128 amount, address collector, bytes calldata collectorData)
        external;

    /// @notice Books what was earned; moves no token. The sender is the receiver or receiverAuthorizer of each row. A row that books
    /// nothing new is passed over.
    function claim(VoucherClaim[] calldata voucherClaims) external;

    /// @notice The same, sent by anyone, with one signature of the receiverAuthorizer over all rows.
    function claimWithSignature(VoucherClaim[] calldata voucherClaims, bytes calldata authorizerSignature) external;

    /// @notice Sends the receiver all that is booked and not yet sent. Anyone may call; nothing to send is no error.
    function settle(address receiver, address token) external;

    /// @notice Starts the payer's way out. Vouchers can be claimed until it is finalized.
    function initiateWithdraw(ChannelConfig calldata config, uint128 amount) external;

    /// @notice Ends it after the channel's delay: pays the payer the amount asked for, or what is left unclaimed of it.
    function finalizeWithdraw(ChannelConfig calldata config) external;

    /// @notice The receiver's side gives back to the payer, at most what is unclaimed.
    function refund(ChannelConfig calldata config, uint128 amount) external;

    /// @notice The same, sent by anyone, signed by the receiverAuthorizer over the channel's next nonce.
    function refundWithSignature(
        ChannelConfig calldata config,
        uint128 amount,
        uint256 nonce,
        bytes calldata receiverAuthorizerSignature
    ) external;

    /// @return balance All deposits less what went back to the payer; claimed amounts stay in it.
    /// @return totalClaimed Booked for the receiver so far.
    function channels(bytes32 channelId) external view returns (uint128 balance, uint128 totalClaimed);

    /// @return amount Zero when none is pending.
    /// @return initiatedAt Zero when none is pending.
    function pendingWithdrawals(bytes32 channelId) external view returns (uint128 amount, uint40 initiatedAt);

    function refundNonce(bytes32 channelId) external view returns (uint256);

    function receivers(address receiver, address token)
        external
        view
        returns (uint128 totalClaimed, uint128 totalSettled);

    function getChannelId(ChannelConfig calldata config) external view returns (bytes32);

    function getVoucherDigest(bytes32 channelId, uint128 maxClaimableAmount) external view returns (bytes32);

    function getRefundDigest(bytes32 channelId, uint256 nonce, uint128 amount) external view returns (bytes32);

    function getClaimBatchDigest(VoucherClaim[] calldata voucherClaims) external view returns (bytes32);
}
